/* The compiled kernel of the wire room: what pure.py does, bit for bit, some fifty times faster.

   C11 and the stable interface of Python 3.11 alone. Functions take and give packed numbers (bytes objects), keep no
   state but tables of Unicode classes and a cache of folded words, and check that what they are given fits together. */
#define PY_SSIZE_T_CLEAN
#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030B0000
#endif
#include <Python.h>

#include "_kernel_align.h"
#include "_kernel_cover.h"
#include "_kernel_scan.h"
#include "_kernel_sets.h"
#include "_kernel_sketch.h"
#include "_kernel_votes.h"

enum { VERSION = 10 };

static PyObject *configure(PyObject *module, PyObject *args)
{
    PyObject *classes, *folded;
    (void)module;
    if (!PyArg_ParseTuple(args, "OO", &classes, &folded))
        return NULL;
    if (!say_isascii && !(say_isascii = PyUnicode_InternFromString("isascii")))
        return NULL;
    Py_INCREF(classes);
    Py_INCREF(folded);
    Py_XDECREF(ask_classes);
    Py_XDECREF(ask_folded);
    ask_classes = classes;
    ask_folded = folded;
    fill_tables();
    forget();
    if (load_page(0) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"configure", configure, METH_VARARGS, "configure(classes, folded): who is asked about what is not ASCII"},
    {"scan", scan, METH_O, NULL},
    {"sketch", sketch, METH_O, NULL},
    {"alike", alike, METH_VARARGS, NULL},
    {"agreement", agreement, METH_VARARGS, NULL},
    {"cover", cover, METH_VARARGS, NULL},
    {"retold", retold, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_kernel", "The compiled kernel of the wire room; see pure.py.", -1, methods,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__kernel(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module && (PyModule_AddIntConstant(module, "VERSION", VERSION) < 0 || add_postings(module) < 0))
        Py_CLEAR(module);
    return module;
}
