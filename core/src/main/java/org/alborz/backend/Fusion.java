package org.alborz.backend;

/**
 * An operation that the engine can compose from others and that a backend may do in one pass. The conformance suite holds that
 * both give the same.
 */
public sealed interface Fusion permits AdamStep, SgdStep, DropoutMask, SoftmaxCrossEntropy {}
