package org.alborz.ops;

/**
 * An operation of the user's own, with the same protocol as the engine's: a record of its settings that implements
 * {@link #infer infer}, {@link #compute compute} and {@link #gradient gradient}, applied by {@link Engine#apply}.
 *
 * <p>Results are computed by kernels of one's own on {@link Call#in} and {@link Call#out}, or composed of tensor operations on
 * {@link Call#tensor} and handed over with {@link Call#give}.
 */
public non-sealed interface CustomOp extends Op {}
