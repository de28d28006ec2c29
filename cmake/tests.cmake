# The parts of a test's name: FOLDER.FILE. Labels: the folder (`unit` beside the code), `results` and
# `shipped` for what says nothing new under sanitizers, and `long` for files named X_long_test.c, which
# scripts/test leaves out. A test that hangs is a failed one.
# What uses threads: the thread sanitizer watches these, and nothing else is built for it.
set(threaded "replicate|attribution|explain_test|threads")

function(sim_test folder label library file)
  get_filename_component(name ${file} NAME_WE)
  if(SIM_SANITIZE STREQUAL "thread" AND NOT name MATCHES "${threaded}")
    return()
  endif()
  set(target ${folder}_${name})
  add_executable(${target} ${file})
  target_include_directories(${target} PRIVATE sim)
  target_link_libraries(${target} PRIVATE ${library} PkgConfig::CMOCKA PkgConfig::GSL)
  target_compile_definitions(${target} PRIVATE SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  sim_add_test(${folder}.${name} "${label}" ${target} ${${name}_arguments})
endfunction()

find_program(SIM_PRLIMIT prlimit)
function(sim_add_test name labels)
  if(SIM_SANITIZE STREQUAL "thread" AND NOT name MATCHES "${threaded}")
    return()
  endif()
  # What uses up its time on a core has gone astray; how long it waits for one is the machine's matter.
  set(seconds 300)
  set(seconds_to_wait 1800)
  if(name MATCHES "_long_test$" OR CMAKE_C_FLAGS_DEBUG MATCHES "--coverage")
    set(seconds 3600)
  endif()
  if(name MATCHES "_long_test$")
    list(APPEND labels long)
    set(seconds_to_wait 7200)
  endif()
  if(SIM_PRLIMIT AND NOT CMAKE_CROSSCOMPILING)
    list(GET ARGN 0 program)
    list(POP_FRONT ARGN)
    if(TARGET ${program})
      set(program $<TARGET_FILE:${program}>)
    endif()
    set(ARGN ${SIM_PRLIMIT} --cpu=${seconds} ${program} ${ARGN})
  endif()
  add_test(NAME ${name} COMMAND ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT ${seconds_to_wait} SKIP_RETURN_CODE 77)
endfunction()

# Of those tests that are there.
function(sim_set_tests property value)
  foreach(name ${ARGN})
    if(TEST ${name})
      set_tests_properties(${name} PROPERTIES ${property} "${value}")
    endif()
  endforeach()
endfunction()

# Unit tests: X_test.c beside X.c, linked with its own layer and those below.
foreach(layer base engine flow fleet models foreign document design scenario report import repeat explain decide calibrate sweep draw replay page)
  if(layer STREQUAL models)
    file(GLOB tests CONFIGURE_DEPENDS models/*_test.c)
  else()
    file(GLOB tests CONFIGURE_DEPENDS sim/${layer}/*_test.c)
  endif()
  foreach(file ${tests})
    sim_test(${layer} unit sim_${layer} ${file})
  endforeach()
endforeach()

# What operations take by hand: the steps summed up, without the engine.
file(GLOB closed_form CONFIGURE_DEPENDS tests/closed_form/*.c)
add_library(closed_form STATIC ${closed_form})
target_include_directories(closed_form PUBLIC tests)
target_link_libraries(closed_form PUBLIC sim_flow)

# Whole-program tests in C.
if(SIM_SANITIZE)
  set(adopt_test_arguments 40 100) # seed, scenarios: a quarter
endif()
foreach(folder theory flows validation robustness)
  file(GLOB tests CONFIGURE_DEPENDS tests/${folder}/*_test.c)
  foreach(file ${tests})
    sim_test(${folder} ${folder} "closed_form;sim_page;sim_import" ${file})
  endforeach()
endforeach()

# What comes from outside (tests/fuzz): every input that is kept, under every target. For fuzzers each target
# is a program of its own.
add_library(fuzz_targets STATIC tests/fuzz/target.c tests/fuzz/documents.c tests/fuzz/texts.c tests/fuzz/stored.c
            tests/fuzz/trace.c tests/fuzz/quantity.c tests/fuzz/pointer.c tests/fuzz/mutate_json.c)
target_link_libraries(fuzz_targets PUBLIC sim_page sim_import)
target_compile_definitions(fuzz_targets PRIVATE SOURCE_DIR="${CMAKE_SOURCE_DIR}")
add_executable(fuzz_replay tests/fuzz/replay.c)
target_link_libraries(fuzz_replay PRIVATE fuzz_targets)
sim_add_test(fuzz.replay fuzz fuzz_replay ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus)
foreach(fuzzer libfuzzer afl) # for hours: tests/fuzz/run --seconds 3600
  sim_add_test(fuzz.${fuzzer}_long_test "fuzz;nightly" ${CMAKE_SOURCE_DIR}/tests/fuzz/run --${fuzzer} --seconds 120)
endforeach()
if(SIM_FUZZ)
  add_custom_target(fuzz DEPENDS fuzz_replay)
  foreach(name scenario design profile published trace quantity pointer foreign observations result sweep looks)
    add_executable(fuzz_${name} tests/fuzz/fuzzer.c)
    target_compile_definitions(fuzz_${name} PRIVATE FUZZ_TARGET=fuzz_${name})
    target_link_libraries(fuzz_${name} PRIVATE fuzz_targets)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzz fuzz_${name})
  endforeach()
endif()

# These count allocations, or make them fail.
# Laws, from many draws.
sim_set_tests(LABELS theory flows.exact_pages_test engine.variate_test)
function(sim_wrap target)
  if(TARGET ${target})
    list(TRANSFORM ARGN PREPEND -Wl,--wrap=)
    target_link_options(${target} PRIVATE ${ARGN})
  endif()
endfunction()
sim_wrap(flows_s390_pv_test calloc reallocarray)
sim_wrap(robustness_building_test calloc reallocarray aligned_alloc strdup)
sim_wrap(robustness_allocation_test calloc reallocarray aligned_alloc strdup)
sim_wrap(robustness_allocation_studies_test calloc reallocarray aligned_alloc strdup)
sim_wrap(robustness_allocation_decisions_test calloc reallocarray aligned_alloc strdup gsl_matrix_alloc gsl_matrix_calloc
         gsl_vector_alloc gsl_multifit_nlinear_alloc gsl_multifit_robust_alloc gsl_multifit_linear_alloc gsl_rng_alloc)

# Golden command-line sessions, and shell tests of the program. What checks the rest
# must be able to fail: a session with wrong lines, a tree with wrong includes.
file(GLOB sessions CONFIGURE_DEPENDS tests/cli/*.session)
foreach(file ${sessions})
  get_filename_component(name ${file} NAME_WE)
  sim_add_test(cli.${name} cli ${CMAKE_SOURCE_DIR}/tests/cli/run_session $<TARGET_FILE:sim> ${file})
endforeach()
# It is compiled by its test, with what is installed; this is for who reads it here.
add_executable(library_check EXCLUDE_FROM_ALL tests/library/library_check.c)
target_include_directories(library_check PRIVATE include)
target_link_libraries(library_check PRIVATE libsim PkgConfig::GSL PkgConfig::JANSSON Threads::Threads)
# Loaded before the C library, it makes allocations of a whole program fail.
add_library(failing_calls MODULE tests/robustness/failing_calls.c)
set(allocations_test_arguments $<TARGET_FILE:failing_calls>)
set(library_test_arguments ${CMAKE_BINARY_DIR} ${CMAKE_C_COMPILER})
if(CMAKE_C_FLAGS_DEBUG MATCHES "--coverage")
  set(documents_test_arguments ${CMAKE_SOURCE_DIR} brief)
endif()
file(GLOB scripts CONFIGURE_DEPENDS tests/cli/*_test.sh)
foreach(file ${scripts})
  get_filename_component(name ${file} NAME_WE)
  sim_add_test(cli.${name} cli ${file} $<TARGET_FILE:sim> ${${name}_arguments})
endforeach()
sim_add_test(cli.allocations_long_test cli ${CMAKE_SOURCE_DIR}/tests/cli/allocations_test.sh $<TARGET_FILE:sim>
             ${allocations_test_arguments} all)
sim_add_test(cli.kills_long_test cli ${CMAKE_SOURCE_DIR}/tests/cli/kills_test.sh $<TARGET_FILE:sim> 1000)
# These hold what the program says, at length; what they run, others run under sanitizers.
sim_set_tests(LABELS shipped cli.alone_test cli.documents_test cli.patience_test cli.plan_test cli.schema_test)
# These watch the calls of the program as shipped, not those of sanitizers.
sim_set_tests(LABELS results cli.allocations_test cli.calls_test cli.hostile_test cli.kills_test cli.library_test
              cli.outputs_test cli.results_test cli.results_can_fail_test cli.published_test cli.documents_can_fail_test)
sim_set_tests(PROCESSORS 2 cli.results_test)
sim_set_tests(COST 100 cli.documents_test cli.allocations_test cli.calls_test cli.patience_test) # begin first
sim_add_test(cli.runner_can_fail cli ${CMAKE_SOURCE_DIR}/tests/cli/run_session
             $<TARGET_FILE:sim> ${CMAKE_SOURCE_DIR}/tests/cli/wrong.expected-to-fail)
sim_set_tests(WILL_FAIL TRUE cli.runner_can_fail)
sim_add_test(layers layers ${CMAKE_SOURCE_DIR}/tests/layers/check_layers ${CMAKE_SOURCE_DIR})
sim_add_test(layers.check_can_fail layers ${CMAKE_SOURCE_DIR}/tests/layers/check_layers_test.sh)
set(libraries)
foreach(layer base engine flow fleet foreign document design scenario report import repeat explain decide calibrate sweep draw replay page interface)
  list(APPEND libraries $<TARGET_FILE:sim_${layer}>)
endforeach()
sim_add_test(layers.circles layers ${CMAKE_SOURCE_DIR}/tests/layers/check_circles ${libraries})
sim_add_test(layers.circles_can_fail layers ${CMAKE_SOURCE_DIR}/tests/layers/check_circles_test.sh
             ${CMAKE_C_COMPILER})
set(libraries)
foreach(layer base engine flow fleet models)
  list(APPEND libraries $<TARGET_FILE:sim_${layer}>)
endforeach()
sim_add_test(layers.functions layers ${CMAKE_SOURCE_DIR}/tests/layers/check_functions ${libraries})
sim_add_test(layers.functions_can_fail layers ${CMAKE_SOURCE_DIR}/tests/layers/check_functions_test.sh
             ${CMAKE_C_COMPILER})

# clang-tidy, a test for each folder; and the analyzer with its own limit, as long as it takes.
set(folders models)
foreach(layer base engine flow fleet foreign document design scenario report import repeat explain decide calibrate sweep draw
               replay page interface cli)
  list(APPEND folders sim/${layer})
endforeach()
foreach(folder bench closed_form flows fuzz library robustness theory)
  list(APPEND folders tests/${folder})
endforeach()
set(check_tidy ${CMAKE_SOURCE_DIR}/tests/tidy/check_tidy ${CMAKE_BINARY_DIR})
foreach(folder ${folders})
  get_filename_component(name ${folder} NAME)
  sim_add_test(tidy.${name} tidy ${check_tidy} 10000 ${CMAKE_SOURCE_DIR}/${folder})
  sim_add_test(tidy.${name}_long_test tidy ${check_tidy} 225000 ${CMAKE_SOURCE_DIR}/${folder})
endforeach()
sim_add_test(tidy.check_can_fail tidy ${CMAKE_SOURCE_DIR}/tests/tidy/check_tidy_test.sh
             ${CMAKE_BINARY_DIR} 10000)

sim_add_test(package.prepare package ${CMAKE_SOURCE_DIR}/tests/package/prepare_test.sh ${CMAKE_SOURCE_DIR}
             $<TARGET_FILE:sim>)
# The Debian package in bare trees.
foreach(suite bookworm trixie)
  sim_add_test(package.${suite}_long_test package ${CMAKE_SOURCE_DIR}/tests/package/bare_tree ${suite}
               ${CMAKE_SOURCE_DIR})
endforeach()
sim_add_test(package.container_long_test package ${CMAKE_SOURCE_DIR}/tests/package/container ${CMAKE_SOURCE_DIR})

# Other architectures, under qemu.
foreach(architecture arm64 s390x)
  sim_add_test(cross.${architecture}_long_test cross ${CMAKE_SOURCE_DIR}/scripts/cross ${architecture})
endforeach()

# Benchmarks: whole programs like `sim`. scripts/bench runs them; a test sees
# that they run, and that what contenders must agree on is checked.
function(sim_bench name)
  if(SIM_SANITIZE STREQUAL "thread")
    return()
  endif()
  list(TRANSFORM ARGN PREPEND tests/bench/)
  add_executable(bench_${name} ${ARGN})
  sim_whole_program(bench_${name})
  target_link_libraries(bench_${name} PRIVATE sim_engine)
endfunction()
sim_bench(engine engine.c mm1.c hold.c sharing.c fast_variate.c rounds.c)
sim_bench(commands commands.c rounds.c)
if(TARGET bench_engine)
  sim_add_test(bench.bench_test bench ${CMAKE_SOURCE_DIR}/tests/bench/bench_test.sh
               $<TARGET_FILE:bench_engine> $<TARGET_FILE:bench_commands>)
endif()
