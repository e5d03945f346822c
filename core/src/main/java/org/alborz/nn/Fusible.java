package org.alborz.nn;

import org.alborz.tensor.Tensor;

/** A layer that can do in evaluation what comes after it. */
interface Fusible extends Fresh {
    /** Computes the output of an evaluation pass, and does the epilogue to it. */
    Tensor forwardWith(Epilogue epilogue, Tensor x, Pass pass);
}
