#include "base/interrupt.h"

volatile bool interrupted;
