/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row of the tables of names.h. For lib/base/names*.c only. */
#ifndef FDTOOL_LIB_BASE_NAMES_ROW_H
#define FDTOOL_LIB_BASE_NAMES_ROW_H

#define BIT(b) {b, #b}

#endif
