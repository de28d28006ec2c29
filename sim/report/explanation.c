#include "report/explanation.h"

void explanation_fini(struct explanation *explanation)
{
	memory_keeper_fini(&explanation->keeper);
	*explanation = (struct explanation){ 0 };
}
