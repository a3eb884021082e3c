#include "cli/cmd.h"

#include "train/config.h"

#include <stdio.h>
#include <string.h>

static void print_commands(void) {
    size_t n;
    const cmd *const *all = cmd_all(&n);
    puts(
        "gradus: trains small GPTs, embeddings first, from random initialisation, in C\n\nusage: gradus COMMAND ...\n");
    for (size_t i = 0; i < n; i++) printf("  %-12s %s\n", all[i]->name, all[i]->summary);
    puts(
        "\n'gradus help COMMAND' tells more; 'gradus help config' lists every key of a config file.");
}

static void print_config_keys(void) {
    size_t n;
    const cfg_key_info *keys = cfg_keys(&n);
    const char *section = "";
    for (size_t i = 0; i < n; i++) {
        if (strcmp(section, keys[i].section) != 0)
            printf("%s[%s]\n", i ? "\n" : "", keys[i].section);
        section = keys[i].section;
        printf("  %-28s %-10s %s (%s)\n", keys[i].name, keys[i].default_text, keys[i].help,
               keys[i].kind);
    }
}

static bool run(int argc, char **argv, err *e) {
    if (argc > 1) return err_set(e, ERR_USAGE, "usage: gradus help [COMMAND]");
    if (argc == 0) {
        print_commands();
        return true;
    }
    if (strcmp(argv[0], "config") == 0) {
        print_config_keys();
        return true;
    }
    const cmd *c = cmd_find(argv[0], e);
    if (!c) return false;
    printf("gradus %s: %s\n\n", c->name, c->summary);
    if (c == &cmd_help) {
        printf("usage: gradus %s %s\n", c->name, c->arguments);
        return true;
    }
    c->run(1, (char *[]){(char *)"--help"}, e);
    if (c->help[0]) printf("\n%s\n", c->help);
    return true;
}

const cmd cmd_help = {"help", "[COMMAND]", "this list, or one command", "", run};
