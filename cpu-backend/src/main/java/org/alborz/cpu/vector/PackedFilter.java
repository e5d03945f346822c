package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;

import java.util.Arrays;
import org.alborz.backend.Operand;

/**
 * Convolution weights in panels for {@link IndirectConvolutionTile}: for each phase and group, columns in panels of two vectors, the
 * last of one where that is enough; in a panel the terms are consecutive, and what reaches beyond the edge or the last term is 0.
 */
final class PackedFilter {
    private final WorkerPool workers;
    private final IndirectConvolutionPlan plan;
    private final Conv2dShape s;
    private final boolean transposed;
    private final int groups;
    private final int panels;
    private final ThreadTeam.Task packPanel = this::packPanel;
    private float[] packed;
    private float[] weights;
    private int weightsAt;

    /** Where the first panel of the weights in use begins. */
    private int panelsAt;

    /**
     * Prepares for weights [kh][kw][c][o].
     *
     * @param transposed whether the sum runs over o and the columns are c, in place of the reverse
     */
    PackedFilter(WorkerPool workers, IndirectConvolutionPlan plan, Conv2dShape s, boolean transposed) {
        this.workers = workers;
        this.plan = plan;
        this.s = s;
        this.transposed = transposed;
        this.groups = s.p().groups();
        this.panels = Gemm.ceilDiv(plan.targetsPerGroup(), 2 * L);
    }

    /** Returns how many numbers the panels hold. */
    long size() {
        long size = 0;
        for (int i = 0; i < plan.phases().size(); i++) {
            size += (long) plan.phases().get(i).packedTerms() * Lanes.wholeVectors(plan.targetsPerGroup()) * groups;
        }
        return size;
    }

    /** Packs weights and returns them; they are valid until others are packed. */
    float[] pack(Operand w) {
        float[] result = workers.shared().floats(Workspace.Use.WEIGHTS, size());
        pack(w, result, 0);
        return result;
    }

    /** Packs weights into the given memory. */
    void pack(Operand w, float[] into, int at) {
        packed = into;
        panelsAt = at;
        weights = Floats.of(w);
        weightsAt = Floats.at(w);
        workers.run(plan.phases().size() * groups * panels, packPanel);
        packed = null;
        weights = null;
    }

    /** Takes weights that were packed before, and returns them. */
    float[] take(Operand panels) {
        panelsAt = Floats.at(panels);
        return Floats.of(panels);
    }

    /** Returns where the panel that starts at a column begins, of the weights packed or taken last. */
    int panel(int phase, int group, int column) {
        int width = Lanes.wholeVectors(plan.targetsPerGroup());
        int at = panelsAt;
        for (int i = 0; i < phase; i++) {
            at += plan.phases().get(i).packedTerms() * width * groups;
        }
        return at + plan.phases().get(phase).packedTerms() * (group * width + column);
    }

    /** Returns the width of the panel that starts at a column: one vector or two. */
    static int width(int column, int columns) {
        return columns - column <= L ? L : 2 * L;
    }

    private void packPanel(int task, int worker) {
        int phase = task / (groups * panels);
        int group = task / panels % groups;
        int column = task % panels * 2 * L;
        float[] w = weights;
        float[] into = packed;
        int columns = plan.targetsPerGroup();
        int width = width(column, columns);
        int used = Math.min(width, columns - column);
        int channels = plan.sourcesPerGroup();
        // weights[tap][c][o]: o is 1 apart, c is s.o() apart.
        int channelStep = transposed ? 1 : s.o();
        int columnStep = transposed ? s.o() : 1;
        int to = panel(phase, group, column);
        for (int tap : plan.phases().get(phase).taps()) {
            int from = weightsAt + tap * s.inputsPerGroup() * s.o() + group * s.outputsPerGroup() + column * columnStep;
            for (int channel = 0; channel < channels; channel++) {
                for (int j = 0; j < used; j++) {
                    into[to + j] = w[from + j * columnStep];
                }
                Arrays.fill(into, to + used, to + width, 0);
                to += width;
                from += channelStep;
            }
        }
        Arrays.fill(
                into, to, panel(phase, group, column) + plan.phases().get(phase).packedTerms() * width, 0);
    }
}
