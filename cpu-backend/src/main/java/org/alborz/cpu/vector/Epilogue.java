package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import org.alborz.backend.Activation;
import org.alborz.backend.Operand;

/**
 * What is left to do to results that a kernel has just stored and that are still close by: something is added to each, and the
 * activation applied. Not in the kernels themselves, which have no registers left.
 */
final class Epilogue {
    private float floor;
    private float[] addend;
    private int ahead;

    /**
     * Prepares for one run.
     *
     * @param more what is added, laid out as the results are, or null
     */
    void start(Operand more, Activation activation, Operand results) {
        floor = Floats.floor(activation);
        if (more != null) {
            addend = Floats.of(more);
            ahead = Floats.at(more) - Floats.at(results);
        }
    }

    /** Lets go of the run's memory. */
    void end() {
        addend = null;
    }

    /** Finishes {@code count} results from {@code at} on. */
    void finish(float[] results, int at, int count) {
        if (addend != null) {
            add(results, at, at + count);
        } else if (floor != Float.NEGATIVE_INFINITY) {
            raise(results, at, at + count);
        }
    }

    private void add(float[] results, int at, int end) {
        int i = at;
        for (; i <= end - L; i += L) {
            FloatVector more = FloatVector.fromArray(S, addend, i + ahead);
            FloatVector.fromArray(S, results, i).add(more).max(floor).intoArray(results, i);
        }
        for (; i < end; i++) {
            results[i] = Math.max(results[i] + addend[i + ahead], floor);
        }
    }

    private void raise(float[] results, int at, int end) {
        int i = at;
        for (; i <= end - L; i += L) {
            FloatVector.fromArray(S, results, i).max(floor).intoArray(results, i);
        }
        for (; i < end; i++) {
            results[i] = Math.max(results[i], floor);
        }
    }
}
