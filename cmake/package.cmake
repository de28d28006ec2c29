# scripts/package: a Debian package of what `cmake --install` installs.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME sim)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "the sim authors <sim@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION
    "A discrete-event simulator of the operations of KVM guests: ordinary ones and those of s390
Protected Virtualization, AMD SEV, Intel TDX, Arm CCA and pKVM. Scenarios are JSON; answers are
latencies with confidence intervals, the kernel steps that they come from, comparisons of patch
designs, capacity plans and pictures.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS gnuplot-nox)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS
    # of flows as pictures, sweeps over ranks, and models out of tree
    "graphviz, openmpi-bin, libgsl-dev, libjansson-dev, libmd-dev, zlib1g-dev")
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/shlibs_local.cmake)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
include(CPack)
