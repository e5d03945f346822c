package org.alborz.cpu.vector;

import java.util.Arrays;
import org.alborz.backend.Operand;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;

/** A depthwise convolution by filters of any size, or its gradient with respect to the images. */
final class DepthwiseConvolution implements Depthwise {
    private final WorkerPool workers;
    private final DepthwiseAxis down;
    private final DepthwiseAxis across;
    private final int channels;
    private final int sourcePitch;
    private final int sourceSize;

    // For each kind of row and of column how far the source and the weight of each tap are.
    private final int[][][] moves;
    private final int[][][] weightsAt;
    private final ThreadTeam.Task computeRow = this::computeRow;
    private final AddActivation addActivation = new AddActivation();

    // The run that goes on now.
    private float[] source;
    private int sourceAt;
    private float[] weights;
    private int weightAt;
    private float[] start;
    private float[] target;
    private int targetAt;

    private DepthwiseConvolution(
            WorkerPool workers, DepthwiseAxis down, DepthwiseAxis across, Conv2dShape s, int sourceH, int sourceW) {
        this.workers = workers;
        this.down = down;
        this.across = across;
        this.channels = s.c();
        this.sourcePitch = sourceW * channels;
        this.sourceSize = sourceH * sourcePitch;
        this.moves = new int[down.taps().length][across.taps().length][];
        this.weightsAt = new int[down.taps().length][across.taps().length][];
        for (int row = 0; row < moves.length; row++) {
            for (int column = 0; column < moves[row].length; column++) {
                fillTaps(row, column, s.kw());
            }
        }
    }

    private void fillTaps(int row, int column, int kernelW) {
        int perRow = across.taps()[column].length;
        int count = down.taps()[row].length * perRow;
        int[] move = new int[count];
        int[] weight = new int[count];
        for (int tap = 0; tap < count; tap++) {
            int u = tap / perRow;
            int v = tap % perRow;
            move[tap] = down.moves()[row][u] * sourcePitch + across.moves()[column][v] * channels;
            weight[tap] = (down.taps()[row][u] * kernelW + across.taps()[column][v]) * channels;
        }
        moves[row][column] = move;
        weightsAt[row][column] = weight;
    }

    static DepthwiseConvolution forward(WorkerPool workers, Conv2dShape s) {
        Conv2dParameters p = s.p();
        DepthwiseAxis down = DepthwiseAxis.forward(
                s.h(), s.oh(), s.kh(), p.strideH(), p.padding().top(), p.dilationH());
        DepthwiseAxis across = DepthwiseAxis.forward(
                s.w(), s.ow(), s.kw(), p.strideW(), p.padding().left(), p.dilationW());
        return new DepthwiseConvolution(workers, down, across, s, s.h(), s.w());
    }

    static DepthwiseConvolution backwardData(WorkerPool workers, Conv2dShape s) {
        Conv2dParameters p = s.p();
        DepthwiseAxis down = DepthwiseAxis.backwardData(
                s.h(), s.oh(), s.kh(), p.strideH(), p.padding().top(), p.dilationH());
        DepthwiseAxis across = DepthwiseAxis.backwardData(
                s.w(), s.ow(), s.kw(), p.strideW(), p.padding().left(), p.dilationW());
        return new DepthwiseConvolution(workers, down, across, s, s.oh(), s.ow());
    }

    @Override
    public void run(Operand from, Operand w, Operand bias, Operand addend, Activation activation, Operand into) {
        source = Floats.of(from);
        sourceAt = Floats.at(from);
        weights = Floats.of(w);
        weightAt = Floats.at(w);
        target = Floats.of(into);
        targetAt = Floats.at(into);
        start = start(workers, bias, channels);
        addActivation.start(addend, activation, into);
        workers.run(into.shape().size(0) * down.targets(), computeRow);
        source = null;
        weights = null;
        target = null;
        start = null;
        addActivation.end();
    }

    /** Returns what the sums of the channels start from. */
    static float[] start(WorkerPool workers, Operand bias, int channels) {
        float[] start = workers.shared().floats(Workspace.Use.START, channels);
        if (bias == null) {
            Arrays.fill(start, 0, channels, 0);
        } else {
            System.arraycopy(Floats.of(bias), Floats.at(bias), start, 0, channels);
        }
        return start;
    }

    private void computeRow(int task, int worker) {
        int image = task / down.targets();
        int row = task % down.targets();
        int rowAt = targetAt + task * across.targets() * channels;
        int sourceRow = sourceAt + image * sourceSize + down.bases()[row] * sourcePitch;
        int kind = down.kinds()[row];
        int targetStep = across.phases() * channels;
        int sourceStep = across.sourceStep() * channels;
        for (int phase = 0; phase < Math.min(across.phases(), across.targets()); phase++) {
            for (int column = phase; column < across.targets(); ) {
                int count = across.alike(column, DepthwiseRows.TOGETHER);
                int[] move = moves[kind][across.kinds()[column]];
                int[] weight = weightsAt[kind][across.kinds()[column]];
                int from = sourceRow + across.bases()[column] * channels;
                int into = rowAt + column * channels;
                if (count == DepthwiseRows.TOGETHER) {
                    DepthwiseRows.four(
                            source,
                            from,
                            sourceStep,
                            move,
                            weights,
                            weightAt,
                            weight,
                            start,
                            target,
                            into,
                            targetStep,
                            channels);
                } else {
                    for (int k = 0; k < count; k++) {
                        DepthwiseRows.one(
                                source,
                                from + k * sourceStep,
                                move,
                                weights,
                                weightAt,
                                weight,
                                start,
                                target,
                                into + k * targetStep,
                                channels);
                    }
                }
                column += count * across.phases();
            }
        }
        addActivation.finish(target, rowAt, across.targets() * channels);
    }
}
