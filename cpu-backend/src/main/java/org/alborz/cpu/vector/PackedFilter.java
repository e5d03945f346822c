package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;

import java.util.Arrays;
import java.util.List;
import org.alborz.cpu.vector.GatherPlan.Phase;

/**
 * Convolution weights, copied into panels for {@link GatherTile}: for each phase and group, columns in panels of two vectors, the
 * last of one where that is enough; in a panel the terms lie one after the other, and what reaches beyond the edge is 0. Weights that
 * fill whole vectors as they are, are read where they lie.
 */
final class PackedFilter {
    private static final int PACKED = -1;

    private final GatherPlan plan;
    private final int groups;
    private final int panels;
    private final float[] packed;
    private final int inPlaceAt;

    private PackedFilter(GatherPlan plan, int groups, float[] packed, int inPlaceAt) {
        this.plan = plan;
        this.groups = groups;
        this.panels = Gemm.ceilDiv(plan.targetsPerGroup(), 2 * L);
        this.packed = packed;
        this.inPlaceAt = inPlaceAt;
    }

    /**
     * Packs weights [kh][kw][c][o].
     *
     * @param transposed whether the sum runs over o and the columns are c, in place of the reverse
     */
    static PackedFilter pack(
            Workplace workplace, GatherPlan plan, Conv2dShape s, boolean transposed, float[] w, int at) {
        if (!transposed && s.p().groups() == 1 && s.o() % L == 0) {
            return new PackedFilter(plan, 1, w, at);
        }
        long size = 0;
        for (Phase phase : plan.phases()) {
            size += (long) phase.steps().length * Lanes.wholeVectors(plan.targetsPerGroup()) * s.p().groups();
        }
        float[] packed = workplace.shared().floats(Scratch.Use.WEIGHTS, size);
        PackedFilter filter = new PackedFilter(plan, s.p().groups(), packed, PACKED);
        List<Phase> phases = plan.phases();
        workplace.run(phases.size() * filter.groups * filter.panels, (task, member) -> {
            int phase = task / (filter.groups * filter.panels);
            int group = task / filter.panels % filter.groups;
            filter.packPanel(phase, group, task % filter.panels * 2 * L, s, transposed, w, at);
        });
        return filter;
    }

    float[] array() {
        return packed;
    }

    /** Returns where the panel that starts at a column begins. */
    int panel(int phase, int group, int column) {
        if (inPlaceAt != PACKED) {
            return inPlaceAt + column;
        }
        int width = Lanes.wholeVectors(plan.targetsPerGroup());
        int at = 0;
        for (int i = 0; i < phase; i++) {
            at += plan.phases().get(i).steps().length * width * groups;
        }
        return at + plan.phases().get(phase).steps().length * (group * width + column);
    }

    /** Returns how far a panel's rows lie apart. */
    int step(int width) {
        return inPlaceAt == PACKED ? width : plan.targetsPerGroup();
    }

    /** Returns the width of the panel that starts at a column: one vector or two. */
    static int width(int column, int columns) {
        return columns - column <= L ? L : 2 * L;
    }

    private void packPanel(int phase, int group, int column, Conv2dShape s, boolean transposed, float[] w, int at) {
        int columns = plan.targetsPerGroup();
        int width = width(column, columns);
        int used = Math.min(width, columns - column);
        int channels = plan.sourcesPerGroup();
        // weights[tap][c][o]: o lies 1 apart, c lies s.o() apart.
        int channelStep = transposed ? 1 : s.o();
        int columnStep = transposed ? s.o() : 1;
        int to = panel(phase, group, column);
        for (int tap : plan.phases().get(phase).taps()) {
            int from = at + tap * s.inputsPerGroup() * s.o() + group * s.outputsPerGroup() + column * columnStep;
            for (int channel = 0; channel < channels; channel++) {
                for (int j = 0; j < used; j++) {
                    packed[to + j] = w[from + j * columnStep];
                }
                Arrays.fill(packed, to + used, to + width, 0);
                to += width;
                from += channelStep;
            }
        }
    }
}
