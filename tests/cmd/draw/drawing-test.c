/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files for other programs: these programs accept them. */
#include "tests/unit/shapes.h"
#include "tests/unit/test.h"
#include "cmd/draw/graph.h"
#include "cmd/draw/svg.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>


/* Writes the file, and lets the shell command read it. */
static void check_file(const char *shape, void (*print)(FILE *, const struct share *, bool),
	const char *command)
{
	struct shape *s = shape_named(shape);
	FILE *f = fopen("file", "we");

	CHECK(f != NULL);
	print(f, &s->share, true);
	fclose(f);
	shape_free(s);
	int status = system(command);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		test_skip("the program that would read it is not there");
	if (status)
		test_fail(__FILE__, __LINE__, "%s: the file is not well formed", shape);
}

TEST(svg_is_xml)
{
	static const char reads[] = "python3 -c 'import xml.dom.minidom as m; "
				    "assert m.parse(\"file\").getElementsByTagName(\"desc\")'";
	setenv("LC_ALL", "C.UTF-8", 1);
	check_file("hostile", svg_print, reads);
	check_file("opens", svg_print, reads);
	check_file("nothing", svg_print, reads);
	check_file("thousand", svg_print, reads);
}

/* A warning is a failure, too: it means that something in the file was left out. */
TEST(graphviz_takes_the_graph)
{
	static const char reads[] = "command -v dot >/dev/null || exit 127; "
				    "dot -Tsvg -o out file 2>errors && ! grep . errors";

	setenv("LC_ALL", "C.UTF-8", 1);
	check_file("nothing", graph_print, reads);
	check_file("bands", graph_print, reads);
	check_file("hostile", graph_print, reads);
	/* text that is special to Graphviz arrives unchanged */
	CHECK(strstr(test_contents("out"), "&lt;b&gt;&amp;&quot;\\134N|{}\\377\\012\\342"));
}
