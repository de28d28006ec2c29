# For dpkg-shlibdeps: MPI is no dependency of the package. Its module is loaded under mpirun only, which brings MPI.
file(WRITE ${CPACK_TEMPORARY_DIRECTORY}/debian/shlibs.local "libmpi 40\nlibmpich 12\n")
