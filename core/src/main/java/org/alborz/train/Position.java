package org.alborz.train;

/** Where a run stands. */
final class Position {
    /** Optimizer steps done in all. */
    long step;

    /** Batches done in all: as many as steps unless gradients are accumulated. */
    long batches;

    /** Epochs finished. */
    int epoch;

    /** The batch of the running epoch that comes next, from 0. */
    int nextBatch;

    /** Batches whose gradients the next step waits for more of. */
    int accumulated;

    /** Makes this the same as another. */
    void set(Position other) {
        step = other.step;
        batches = other.batches;
        epoch = other.epoch;
        nextBatch = other.nextBatch;
        accumulated = other.accumulated;
    }
}
