/* Completions for shells, made from the tables that the commands parse with. */

#include <stdio.h>
#include <string.h>

#include "cli/command.h"

enum shell { BASH, ZSH, FISH };
static const char *const shells[] = { "bash", "zsh", "fish", NULL };

/* In one line between single quotes of a shell, the `special` bytes behind a backslash. */
static void print_quoted(const char *text, const char *special)
{
	for (; *text; text++) {
		if (strchr(special, *text))
			putchar('\\');
		else if (*text == '\'')
			fputs("'\\'", stdout);
		putchar(*text == '\n' ? ' ' : *text);
	}
}

static void bash_option(const struct argp_option *option, void *data)
{
	(void)data;
	printf(" --%s", option->name);
	if (option->key > 0 && option->key < 128)
		printf(" -%c", option->key);
}

static void print_bash(void)
{
	puts("# bash completion of sim; made by `sim completion bash`\n"
	     "_sim() {\n"
	     "	local word=${COMP_WORDS[COMP_CWORD]} options=\n"
	     "	COMPREPLY=()\n"
	     "	if ((COMP_CWORD == 1)); then");
	fputs("		COMPREPLY=($(compgen -W '", stdout);
	for (size_t c = 0; commands[c]; c++)
		printf("%s ", commands[c]->name);
	puts("--help --version' -- \"$word\"))\n"
	     "		return\n"
	     "	fi\n"
	     "	case ${COMP_WORDS[1]} in");
	for (size_t c = 0; commands[c]; c++) {
		printf("	%s) options='--help", commands[c]->name);
		options_visit(commands[c], bash_option, NULL);
		puts("' ;;");
	}
	puts("	esac\n"
	     "	if [[ $word == -* ]]; then\n"
	     "		COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
	     "	else\n"
	     "		COMPREPLY=($(compgen -f -- \"$word\"))\n"
	     "	fi\n"
	     "}\n"
	     "complete -o filenames -F _sim sim");
}

static void zsh_option(const struct argp_option *option, void *data)
{
	(void)data;
	printf(" \\\n			'--%s%s[", option->name, option->arg ? "=" : "");
	print_quoted(option->doc ? option->doc : "", "[]:\\");
	fputs(option->arg ? "]:value:_files'" : "]'", stdout);
}

static void print_zsh(void)
{
	puts("#compdef sim\n"
	     "# zsh completion of sim; made by `sim completion zsh`\n"
	     "_sim() {\n"
	     "	if ((CURRENT == 2)); then\n"
	     "		local -a commands=(");
	for (size_t c = 0; commands[c]; c++) {
		printf("			'%s:", commands[c]->name);
		print_quoted(commands[c]->summary, "");
		puts("'");
	}
	puts("		)\n"
	     "		_describe command commands\n"
	     "		return\n"
	     "	fi\n"
	     "	local command=${words[2]}\n"
	     "	shift words\n"
	     "	((CURRENT--))\n"
	     "	case $command in");
	for (size_t c = 0; commands[c]; c++) {
		printf("	%s)\n		_arguments", commands[c]->name);
		options_visit(commands[c], zsh_option, NULL);
		puts(" \\\n			'*:file:_files' ;;");
	}
	puts("	esac\n"
	     "}\n"
	     "_sim \"$@\"");
}

static void fish_option(const struct argp_option *option, void *data)
{
	printf("complete -c sim -n '__fish_seen_subcommand_from %s' -l %s%s", (const char *)data,
	       option->name, option->arg ? " -r" : "");
	if (option->key > 0 && option->key < 128)
		printf(" -s %c", option->key);
	fputs(" -d '", stdout);
	print_quoted(option->doc ? option->doc : "", "'\\");
	puts("'");
}

static void print_fish(void)
{
	puts("# fish completion of sim; made by `sim completion fish`");
	for (size_t c = 0; commands[c]; c++) {
		printf("complete -c sim -f -n __fish_use_subcommand -a %s -d '", commands[c]->name);
		print_quoted(commands[c]->summary, "");
		puts("'");
		options_visit(commands[c], fish_option, (void *)commands[c]->name);
	}
}

static int completion(int argc, char **argv, struct error *error)
{
	int shell = BASH;

	(void)error;
	command_parse(&command_completion, argc, argv, &shell);
	if (shell == BASH)
		print_bash();
	else if (shell == ZSH)
		print_zsh();
	else
		print_fish();
	return 0;
}

const struct command command_completion = {
	.name = "completion",
	.summary = "print a completion script for a shell",
	.arguments = "bash|zsh|fish",
	.about = "Print a completion script.\v"
		 "Examples:\n  source <(sim completion bash)\n"
		 "  sim completion zsh > ~/.zfunc/_sim\n"
		 "  sim completion fish > ~/.config/fish/completions/sim.fish\n",
	.words = { "shell", FIELD_CHOICE, 0, .choices = shells,
		   .help = "bash, zsh or fish is needed" },
	.run = completion,
};
