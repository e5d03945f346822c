package org.alborz.tck;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.backend.GruCell;
import org.alborz.backend.LstmCell;
import org.alborz.ops.Engine;
import org.alborz.ops.GruGates;
import org.alborz.ops.LstmGates;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/** A backend's own gates of recurrent layers give what the composition of single operations gives, forward and backward. */
final class GateChecks {
    private static final Tolerance CLOSE = new Tolerance(5e-6, 1e-13, false);
    private static final int[][] SIZES = {{0, 3}, {3, 0}, {1, 1}, {7, 5}, {3, 16}, {5, 33}, {2, 1031}, {300, 64}};

    private final Sessions sessions;

    GateChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    List<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType dtype : Sessions.FLOATING) {
            for (int[] size : SIZES) {
                String name = " / " + size[0] + "x" + size[1] + " / " + dtype;
                tests.add(dynamicTest("LstmCell" + name, () -> lstm(dtype, size[0], size[1])));
                tests.add(dynamicTest("GruCell" + name, () -> gru(dtype, size[0], size[1])));
            }
        }
        return tests;
    }

    private void lstm(DType dtype, int batch, int hidden) {
        sessions.run(dtype, session -> {
            FusionChecks.offered(session, LstmCell.class);
            for (boolean ofCell : new boolean[] {false, true}) {
                compare(run(session, batch, hidden, 4, ofCell, true), run(session, batch, hidden, 4, ofCell, false));
            }
        });
    }

    private void gru(DType dtype, int batch, int hidden) {
        sessions.run(dtype, session -> {
            FusionChecks.offered(session, GruCell.class);
            compare(run(session, batch, hidden, 3, false, true), run(session, batch, hidden, 3, false, false));
        });
    }

    private static void compare(Tensor[] actual, Tensor[] expected) {
        for (int i = 0; i < actual.length; i++) {
            FusionChecks.compare("result " + i, actual[i], expected[i], CLOSE);
        }
    }

    /**
     * Returns the results and the gradients of all inputs.
     *
     * @param ofCell whether the gradient is of the cell state as well
     */
    private static Tensor[] run(Session session, int batch, int hidden, int gates, boolean ofCell, boolean fused) {
        Tape tape = new Tape(session);
        Tensor x = tape.watch(drawn(session, 1, batch, gates * hidden));
        Tensor h = tape.watch(drawn(session, 2, batch, gates * hidden));
        Tensor state = tape.watch(drawn(session, 3, batch, hidden));
        Tensor[] results;
        if (gates == 4) {
            results = fused
                    ? Engine.applyAll(LstmGates.INSTANCE, LstmGates.RESULTS, x, h, state)
                    : LstmGates.composed(x, h, state);
        } else {
            results = fused
                    ? Engine.applyAll(GruGates.INSTANCE, GruGates.RESULTS, x, h, state)
                    : GruGates.composed(x, h, state);
        }
        Tensor sum = results[0].mul(drawn(session, 4, batch, hidden)).sum();
        if (ofCell) {
            sum = sum.add(results[1].mul(drawn(session, 5, batch, hidden)).sum());
        }
        Gradients gradients = tape.gradients(sum, x, h, state);
        List<Tensor> all = new ArrayList<>(List.of(results));
        all.addAll(List.of(gradients.of(x), gradients.of(h), gradients.of(state)));
        return all.toArray(Tensor[]::new);
    }

    private static Tensor drawn(Session session, long seed, int rows, int columns) {
        HostArray values = HostArray.uniform(seed, -3, 3, Shape.of(rows, columns));
        return session.tensor(values.values(), values.shape());
    }
}
