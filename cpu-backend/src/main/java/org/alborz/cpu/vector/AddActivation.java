package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import org.alborz.backend.Operand;
import org.alborz.type.Activation;

/**
 * Adds an addend to results and applies the activation, right after a kernel has stored them and while they are still in the cache. The
 * kernels themselves have no registers left for it.
 */
final class AddActivation {
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
        addend = more == null ? null : Floats.of(more);
        ahead = more == null ? 0 : Floats.at(more) - Floats.at(results);
    }

    /** Releases the references to the run's memory. */
    void end() {
        addend = null;
    }

    /** Tells whether there is anything to add. */
    boolean adds() {
        return addend != null;
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
