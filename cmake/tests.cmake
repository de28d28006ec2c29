# Unit tests: X_test.c beside X.c, linked with its own layer and those below.
foreach(layer base engine flow scenario report experiment)
  file(GLOB tests CONFIGURE_DEPENDS sim/${layer}/*_test.c)
  foreach(file ${tests})
    get_filename_component(name ${file} NAME_WE)
    add_executable(${layer}_${name} ${file})
    target_link_libraries(${layer}_${name} PRIVATE sim_${layer} PkgConfig::CMOCKA)
    add_test(NAME ${layer}.${name} COMMAND ${layer}_${name})
    set_tests_properties(${layer}.${name} PROPERTIES LABELS "unit")
  endforeach()
endforeach()

# Whole-program tests in C; the folder is the label.
foreach(folder theory flows robustness)
  file(GLOB tests CONFIGURE_DEPENDS tests/${folder}/*_test.c)
  foreach(file ${tests})
    get_filename_component(name ${file} NAME_WE)
    add_executable(${folder}_${name} ${file})
    target_link_libraries(${folder}_${name} PRIVATE sim_experiment PkgConfig::CMOCKA)
    target_compile_definitions(${folder}_${name} PRIVATE SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_test(NAME ${folder}.${name} COMMAND ${folder}_${name})
    set_tests_properties(${folder}.${name} PROPERTIES LABELS "${folder}")
  endforeach()
endforeach()

# These count allocations, or make them fail.
target_link_options(flows_s390_pv_test PRIVATE -Wl,--wrap=calloc,--wrap=reallocarray)
target_link_options(robustness_allocation_test PRIVATE
                    -Wl,--wrap=calloc,--wrap=reallocarray,--wrap=aligned_alloc,--wrap=strdup)

# Golden command-line sessions, and shell tests of the program.
file(GLOB sessions CONFIGURE_DEPENDS tests/cli/*.session)
foreach(file ${sessions})
  get_filename_component(name ${file} NAME_WE)
  add_test(NAME cli.${name} COMMAND ${CMAKE_SOURCE_DIR}/tests/cli/run_session $<TARGET_FILE:sim> ${file})
  set_tests_properties(cli.${name} PROPERTIES LABELS "cli")
endforeach()
add_test(NAME cli.runner_can_fail COMMAND ${CMAKE_SOURCE_DIR}/tests/cli/run_session
         $<TARGET_FILE:sim> ${CMAKE_SOURCE_DIR}/tests/cli/wrong.expected-to-fail)
set_tests_properties(cli.runner_can_fail PROPERTIES LABELS "cli" WILL_FAIL TRUE)
file(GLOB scripts CONFIGURE_DEPENDS tests/cli/*_test.sh)
foreach(file ${scripts})
  get_filename_component(name ${file} NAME_WE)
  add_test(NAME cli.${name} COMMAND ${file} $<TARGET_FILE:sim>)
  set_tests_properties(cli.${name} PROPERTIES LABELS "cli" SKIP_RETURN_CODE 77)
endforeach()
add_test(NAME layers COMMAND ${CMAKE_SOURCE_DIR}/tests/layers/check_layers ${CMAKE_SOURCE_DIR})

# Benchmarks are built, not run.
file(GLOB benchmarks CONFIGURE_DEPENDS tests/bench/*.c)
foreach(file ${benchmarks})
  get_filename_component(name ${file} NAME_WE)
  add_executable(bench_${name} ${file})
  target_link_libraries(bench_${name} PRIVATE sim_experiment)
endforeach()
