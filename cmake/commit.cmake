# The commit that the program is built from, looked up in every build; the file is written only when
# it changes. An archive of `git archive` knows its own (cmake/commit.txt, export-subst); where there
# is neither, the program says that it does not know.
if(CMAKE_SCRIPT_MODE_FILE)
  cmake_minimum_required(VERSION 3.25)
  file(STRINGS ${SOURCE}/cmake/commit.txt commit LIMIT_COUNT 1)
  if(NOT commit MATCHES "^[0-9a-f]+$")
    set(commit "")
    execute_process(COMMAND git -C ${SOURCE} rev-parse --show-prefix HEAD OUTPUT_VARIABLE lines
                    ERROR_QUIET RESULT_VARIABLE failed OUTPUT_STRIP_TRAILING_WHITESPACE)
    # a folder below another project's history has a prefix
    if(NOT failed AND lines MATCHES "^\n([0-9a-f]+)$")
      set(commit ${CMAKE_MATCH_1})
      execute_process(COMMAND git -C ${SOURCE} status --porcelain --untracked-files=no -- sim models cmake CMakeLists.txt
                      OUTPUT_VARIABLE changed ERROR_QUIET)
      if(changed)
        string(APPEND commit "-dirty")
      endif()
    endif()
  endif()
  file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#include \"base/program.h\"

const char program_commit[] = \"@commit@\";
" @ONLY)
else()
  add_custom_target(sim_commit BYPRODUCTS ${CMAKE_BINARY_DIR}/commit.c
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DOUTPUT=${CMAKE_BINARY_DIR}/commit.c
            -P ${CMAKE_CURRENT_LIST_FILE} VERBATIM)
  target_sources(sim PRIVATE ${CMAKE_BINARY_DIR}/commit.c)
  add_dependencies(sim sim_commit)
endif()
