package org.alborz.cpu.vector;

import java.util.Arrays;
import org.alborz.backend.LstmSequence.Inputs;
import org.alborz.backend.Operand;

/** Takes rows of a batch through all steps of an LSTM's layer. */
final class LstmForward implements VectorLstmSequence.Rows {
    private final RecurrentWeight weight;
    private final boolean reverse;
    private final int batch;
    private final int steps;
    private final int n;
    private final SequenceLengths lengths;
    private final FloatMemory sums;
    private final FloatMemory firstHidden;
    private final FloatMemory firstCell;
    private final FloatMemory hidden;
    private final FloatMemory last;
    private final FloatMemory cells;
    private final FloatMemory gates;

    /** @param cells null, as the gates, where no gradient will read them */
    LstmForward(RecurrentWeight weight, Inputs inputs, Operand hidden, Operand last, Operand cells, Operand gates) {
        this.weight = weight;
        reverse = inputs.reverse();
        batch = hidden.shape().size(0);
        steps = hidden.shape().size(1);
        n = hidden.shape().size(2);
        lengths = new SequenceLengths(inputs.lengths());
        sums = FloatMemory.of(inputs.sums());
        firstHidden = FloatMemory.of(inputs.hidden());
        firstCell = FloatMemory.of(inputs.cell());
        this.hidden = FloatMemory.of(hidden);
        this.last = FloatMemory.of(last);
        this.cells = FloatMemory.of(cells);
        this.gates = FloatMemory.of(gates);
    }

    @Override
    public int batch() {
        return batch;
    }

    @Override
    public void run(int from, int count, Workspace memory) {
        int padded = Gemm.roundUp(count, RecurrentWeight.ROWS);
        float[] h = memory.floats(Workspace.Use.FRAME, (long) padded * n);
        float[] c = memory.floats(Workspace.Use.GRADIENT, (long) count * n);
        float[] product = memory.floats(Workspace.Use.PARTIAL, (long) padded * weight.step());
        FloatMemory applied = gates == null ? new FloatMemory(memory.floats(Workspace.Use.BLOCK, 4L * n), 0) : gates;
        firstHidden.read(from * n, h, 0, count * n);
        firstCell.read(from * n, c, 0, count * n);
        Arrays.fill(h, count * n, padded * n, 0);
        Matrix states = new Matrix(h, 0, padded, n, n, 1);
        for (int number = 0; number < steps; number++) {
            int step = reverse ? steps - 1 - number : number;
            weight.multiply(states, product, 0, memory);
            for (int r = 0; r < count; r++) {
                int place = (from + r) * steps + step;
                if (lengths.isData(from + r, step)) {
                    step(place, h, c, r * n, product, r * weight.step(), applied);
                } else if (gates != null) {
                    gates.clear(place * 4 * n, 4 * n);
                }
                hidden.write(h, r * n, place * n, n);
                if (cells != null) {
                    cells.write(c, r * n, place * n, n);
                }
            }
        }
        last.write(c, 0, from * n, count * n);
    }

    /**
     * Does a row's step.
     *
     * @param place of the row and step in what has all steps
     * @param at of the row in the states
     */
    private void step(int place, float[] h, float[] c, int at, float[] product, int productAt, FloatMemory applied) {
        float[] g = applied.array();
        int gi = gates == null ? 0 : applied.at() + place * 4 * n;
        LstmRows.add(sums.array(), sums.at() + place * 4 * n, product, productAt, g, gi, 4 * n);
        LstmRows.step(g, gi, c, at, c, at, h, at, n);
    }
}
