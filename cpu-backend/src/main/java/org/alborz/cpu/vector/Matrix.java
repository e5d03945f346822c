package org.alborz.cpu.vector;

/** A matrix in a float array: element {@code (i, j)} is at {@code at + i·rowStride + j·columnStride}. */
record Matrix(float[] array, int at, int rows, int columns, int rowStride, int columnStride) {}
