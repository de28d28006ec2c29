/* Completions for shells, which ask the program what the words may be. */

#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complete.h"
#include "document/record.h"

enum shell { BASH, ZSH, FISH };
static const char *const shells[] = { "bash", "zsh", "fish", NULL };

struct arguments {
	struct field_list words; /* a shell, or "words" and those of a command line */
};

#define AT(member) offsetof(struct arguments, member)

static bool find_shell(const char *name, int *shell, struct error *error)
{
	const struct field field = { .kind = FIELD_CHOICE, .choices = shells };

	return field_read_text(&field, "shell", name, shell, error);
}

/* Each asks the program itself, with the words up to the cursor: one way for all shells. */
static const char bash_script[] =
	"# bash completion of sim; made by `sim completion bash`\n"
	"_sim() {\n"
	"	local line=${COMP_LINE:0:COMP_POINT} words word found offer IFS=$' \\t\\n'\n"
	"	read -ra words <<<\"$line\"\n"
	"	[[ $line == *' ' ]] && words+=('')\n"
	"	word=${words[-1]}\n"
	"	found=$(\"${words[0]}\" completion words -- \"${words[@]:1}\" 2>/dev/null)\n"
	"	COMPREPLY=()\n"
	"	while IFS= read -r offer; do\n"
	"		if [[ $offer == :files ]]; then\n"
	"			compopt -o filenames 2>/dev/null\n"
	"			while IFS= read -r offer; do COMPREPLY+=(\"$offer\"); done < "
	"<(compgen -f -- \"${word#--*=}\")\n"
	"		elif [[ $offer ]]; then\n"
	"			[[ $offer == *[=/] ]] && compopt -o nospace 2>/dev/null\n"
	"			# bash replaces what is behind the last = or :\n"
	"			[[ $word == *[=:]* && $COMP_WORDBREAKS == *=* ]] && "
	"offer=${offer#\"${word%\"${word##*[=:]}\"}\"}\n"
	"			COMPREPLY+=(\"$offer\")\n"
	"		fi\n"
	"	done <<<\"$found\"\n"
	"}\n"
	"complete -F _sim sim\n";

static const char zsh_script[] =
	"#compdef sim\n"
	"# zsh completion of sim; made by `sim completion zsh`\n"
	"_sim() {\n"
	"	local offer\n"
	"	local -a found open\n"
	"	# $PREFIX is the word up to the cursor, without a quote that is open; (@): it may "
	"be empty\n"
	"	for offer in ${(f)\"$(${words[1]} completion words -- "
	"\"${(@Q)words[2,CURRENT-1]}\" \"${(Q)PREFIX}\" 2>/dev/null)\"}; do\n"
	"		case $offer in\n"
	"		:files) compset -P '--*='; _files ;;\n"
	"		*[=/]) open+=(\"$offer\") ;;\n"
	"		*) found+=(\"$offer\") ;;\n"
	"		esac\n"
	"	done\n"
	"	# -V: versions and sizes stay in their order\n"
	"	compadd -V open -Q -S '' -a open\n"
	"	compadd -V found -Q -a found\n"
	"}\n"
	"# found in $fpath it is called, sourced it registers itself\n"
	"if [[ $funcstack[1] == _sim ]]; then _sim \"$@\"; else compdef _sim sim; fi\n";

static const char fish_script[] =
	"# fish completion of sim; made by `sim completion fish`\n"
	"function __sim_words\n"
	"	set -l words (commandline -opc)\n"
	"	# without a quote that is open\n"
	"	set -l word (commandline -ct | string replace -r '^[\"\\']' '')\n"
	"	set -l before (string match -r '^--[^=]*=' -- $word)\n"
	"	for offer in ($words[1] completion words -- $words[2..-1] \"$word\" 2>/dev/null)\n"
	"		if test $offer = :files\n"
	"			for path in (__fish_complete_path (string replace -- \"$before\" "
	"'' \"$word\"))\n"
	"				echo \"$before\"$path\n"
	"			end\n"
	"		else\n"
	"			echo $offer\n"
	"		end\n"
	"	end\n"
	"end\n"
	"complete -c sim -f -k -a '(__sim_words)'\n";

static const char *const scripts[] = { bash_script, zsh_script, fish_script };

static bool check(const void *data, struct error *error)
{
	const struct arguments *arguments = data;
	char **words = arguments->words.items;
	int shell;

	if (strcmp(words[0], "words") == 0)
		return true;
	if (arguments->words.count > 1)
		return error_set(error, ERROR_INPUT, "one shell at a time");
	return find_shell(words[0], &shell, error);
}

static int completion(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { 0 };
	char **words;
	int shell = BASH;

	command_parse(&command_completion, argc, argv, &arguments);
	words = arguments.words.items;
	if (strcmp(words[0], "words") == 0)
		complete_words(words + 1, arguments.words.count - 1, stdout);
	else if (find_shell(words[0], &shell, error))
		fputs(scripts[shell], stdout);
	return 0;
}

const struct command command_completion = {
	.name = "completion",
	.summary = "print a completion script for a shell",
	.arguments = "bash|zsh|fish\nwords -- WORD...",
	.about = "Print a completion script, which completes commands, options and their values: "
		 "models, "
		 "strategies, metrics, prices, platforms, pointers into the scenario that is "
		 "named, files. "
		 "It asks `sim completion words` what the last of the words may be.\v"
		 "Examples:\n  source <(sim completion bash)\n"
		 "  sim completion zsh > ~/.zfunc/_sim\n"
		 "  sim completion fish > ~/.config/fish/completions/sim.fish\n",
	.words = { "shell", FIELD_TEXTS, AT(words), .minimum = 1, .maximum = WORDS_MOST,
		   .choices = shells, .help = "bash, zsh or fish is needed" },
	.check = check,
	.run = completion,
};
