package org.alborz.cuda.dnn.graph;

/** The tensors of a graph that have memory. */
public enum Place {
    X,
    W,
    Y,
    BIAS,
    ADDEND,
    SUM,
    SQUARES;

    long id() {
        return ordinal() + 1L;
    }
}
