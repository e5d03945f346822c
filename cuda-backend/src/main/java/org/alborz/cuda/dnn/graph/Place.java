package org.alborz.cuda.dnn.graph;

/** The tensors of a graph that have memory. */
public enum Place {
    X,
    W,
    Y,
    BIAS,
    ADDEND,
    SUM,
    SQUARES,
    /** What an activation gave, of which a gradient is passed or not. */
    RESULT,
    /** What a gradient is multiplied by for sums. */
    FACTOR,
    /** Sums of such products. */
    PRODUCTS;

    long id() {
        return ordinal() + 1L;
    }
}
