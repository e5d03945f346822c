package org.alborz.cpu.vector;

import java.util.Arrays;
import org.alborz.backend.LstmSequence.Saved;
import org.alborz.backend.Operand;

/** Takes rows of a batch back through all steps of an LSTM's layer. */
final class LstmBackwardRows implements VectorLstmSequence.Rows {
    private static final int BLOCK = RecurrentWeight.ROWS;

    private final RecurrentWeight weight;
    private final boolean reverse;
    private final int batch;
    private final int steps;
    private final int n;
    private final SequenceLengths lengths;
    private final FloatMemory firstCell;
    private final FloatMemory cells;
    private final FloatMemory gates;
    private final FloatMemory dHidden;
    private final FloatMemory dLast;
    private final FloatMemory dSums;
    private final FloatMemory dFirst;
    private final FloatMemory dCell;

    LstmBackwardRows(
            RecurrentWeight weight,
            Saved saved,
            Operand dHidden,
            Operand dLast,
            Operand dSums,
            Operand dFirst,
            Operand dCell) {
        this.weight = weight;
        reverse = saved.reverse();
        batch = dHidden.shape().size(0);
        steps = dHidden.shape().size(1);
        n = dHidden.shape().size(2);
        lengths = new SequenceLengths(saved.lengths());
        firstCell = FloatMemory.of(saved.cell());
        cells = FloatMemory.of(saved.cells());
        gates = FloatMemory.of(saved.gates());
        this.dHidden = FloatMemory.of(dHidden);
        this.dLast = FloatMemory.of(dLast);
        this.dSums = FloatMemory.of(dSums);
        this.dFirst = FloatMemory.of(dFirst);
        this.dCell = FloatMemory.of(dCell);
    }

    @Override
    public int batch() {
        return batch;
    }

    @Override
    public void run(int from, int count, Workspace memory) {
        int padded = Gemm.roundUp(count, BLOCK);
        int apart = weight.step();
        float[] dh = memory.floats(Workspace.Use.FRAME, (long) count * n);
        float[] dc = memory.floats(Workspace.Use.GRADIENT, (long) count * n);
        float[] product = memory.zeros(Workspace.Use.PARTIAL, (long) padded * apart);
        float[] edge = memory.zeros(Workspace.Use.BLOCK, 4L * BLOCK * n);
        if (dLast == null) {
            Arrays.fill(dc, 0, count * n, 0);
        } else {
            dLast.read(from * n, dc, 0, count * n);
        }
        for (int number = steps - 1; number >= 0; number--) {
            int step = reverse ? steps - 1 - number : number;
            for (int r = 0; r < count; r++) {
                int place = (from + r) * steps + step;
                LstmRows.add(product, r * apart, dHidden.array(), dHidden.at() + place * n, dh, r * n, n);
                if (lengths.isData(from + r, step)) {
                    gates(number == 0 ? firstCell : cells, before(from + r, number), place, dh, dc, r * n);
                } else {
                    dSums.clear(place * 4 * n, 4 * n);
                }
            }
            multiply(from, count, step, edge, product, memory);
            for (int r = 0; r < count; r++) {
                if (!lengths.isData(from + r, step)) {
                    System.arraycopy(dh, r * n, product, r * apart, n);
                }
            }
        }
        for (int r = 0; r < count; r++) {
            dFirst.write(product, r * apart, (from + r) * n, n);
        }
        dCell.write(dc, 0, from * n, count * n);
    }

    /** Returns the place of the cell state before a step: among the first ones before step 0, else among those of all steps. */
    private int before(int row, int number) {
        return number == 0 ? row : row * steps + (reverse ? steps - number : number - 1);
    }

    /** Computes the gradients of a row's sums, and that of the cell state before in place of that after the step. */
    private void gates(FloatMemory before, int beforePlace, int place, float[] dh, float[] dc, int at) {
        LstmRows.gradient(
                before.array(),
                before.at() + beforePlace * n,
                cells.array(),
                cells.at() + place * n,
                gates.array(),
                gates.at() + place * 4 * n,
                dh,
                at,
                dc,
                at,
                dSums.array(),
                dSums.at() + place * 4 * n,
                dc,
                at,
                n);
    }

    /** Multiplies the sums' gradients of a step by the weight: whole blocks of rows in place, the rest by way of a block of full size. */
    private void multiply(int from, int count, int step, float[] edge, float[] product, Workspace memory) {
        int width = 4 * n;
        int whole = count - count % BLOCK;
        int at = dSums.at() + (from * steps + step) * width;
        weight.multiply(new Matrix(dSums.array(), at, whole, width, steps * width, 1), product, 0, memory);
        if (whole < count) {
            for (int r = whole; r < count; r++) {
                dSums.read(((from + r) * steps + step) * width, edge, (r - whole) * width, width);
            }
            weight.multiply(new Matrix(edge, 0, BLOCK, width, width, 1), product, whole * weight.step(), memory);
        }
    }
}
