# libsim: the interface include/sim.h over the layers that it needs. The shared library exports what that header
# declares. The static one has all that models call too: who adds a model links it (sim-model.pc).
sim_layer(interface LINK sim_explain)
target_include_directories(sim_interface PUBLIC include)
target_compile_definitions(sim_interface PRIVATE SIM_VERSION="${PROJECT_VERSION}")

set(objects)
foreach(layer base engine flow fleet models document design scenario report repeat explain interface)
  list(APPEND objects $<TARGET_OBJECTS:sim_${layer}>)
endforeach()
set(version_script ${CMAKE_CURRENT_LIST_DIR}/library.map)
add_library(libsim SHARED ${CMAKE_BINARY_DIR}/commit.c $<TARGET_OBJECTS:sim_interface>)
add_library(libsim_static STATIC ${CMAKE_BINARY_DIR}/commit.c ${objects})
set_target_properties(libsim libsim_static PROPERTIES OUTPUT_NAME sim
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
set_target_properties(libsim PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0 LINK_DEPENDS ${version_script})
sim_whole_program(libsim) # and without what it does not use
target_link_options(libsim PRIVATE -Wl,--version-script=${version_script})
foreach(library libsim libsim_static)
  target_include_directories(${library} PRIVATE sim)
  target_link_libraries(${library} PRIVATE sim_interface)
  add_dependencies(${library} sim_commit)
endforeach()
# Any compiler links it: what only this one's link-time optimiser reads goes, and what debuggers read.
add_custom_command(TARGET libsim_static POST_BUILD VERBATIM
  COMMAND ${CMAKE_OBJCOPY} --wildcard --strip-debug --remove-section=.gnu.lto_* --remove-section=.gnu.debuglto_*
          $<TARGET_FILE:libsim_static>)

# Found wherever it is installed: paths are relative to the file itself.
foreach(name sim sim-model)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/${name}.pc.in ${CMAKE_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/${name}.pc DESTINATION lib/pkgconfig)
endforeach()
install(TARGETS libsim libsim_static LIBRARY DESTINATION lib ARCHIVE DESTINATION lib)
install(FILES include/sim.h DESTINATION include)
# What a model may include: models/common.h and the like, and all that these include.
foreach(header models/balloon models/common models/devices models/devices_flows models/devices_terms models/fill
               models/gmem models/memslots models/restore
               base/error base/field base/version engine/engine engine/heap engine/law engine/lock engine/stream
               flow/config flow/guest flow/metric_kind flow/model flow/pages flow/step flow/term)
  get_filename_component(folder ${header} DIRECTORY)
  if(folder STREQUAL models)
    install(FILES ${header}.h DESTINATION include/sim/models)
  else()
    install(FILES sim/${header}.h DESTINATION include/sim/${folder})
  endif()
endforeach()
install(DIRECTORY examples DESTINATION share/doc/sim USE_SOURCE_PERMISSIONS PATTERN __pycache__ EXCLUDE)
