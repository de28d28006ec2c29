/* The same with more edits. */

#define EDITS 60000
#include "designs_test.c"
