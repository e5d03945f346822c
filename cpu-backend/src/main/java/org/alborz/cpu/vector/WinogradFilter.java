package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.WinogradTransform.PLANES;

import java.util.Arrays;

/**
 * A filter of 3×3 transformed for {@link WinogradConvolution}: for each of the 36 planes a matrix [source][target], whose columns are
 * cut into panels of two vectors, the last of one where that is enough.
 */
final class WinogradFilter {
    private final int sources;
    private final int width;
    private final float[] planes;

    private WinogradFilter(int sources, int width, float[] planes) {
        this.sources = sources;
        this.width = width;
        this.planes = planes;
    }

    /**
     * Transforms weights [3][3][c][o].
     *
     * @param turned whether the sources are o, the targets c, and the filter is turned round
     */
    static WinogradFilter of(Workplace workplace, WinogradPlan plan, boolean turned, float[] w, int at) {
        int width = plan.targetWidth();
        float[] planes = workplace.shared().floats(Scratch.Use.WEIGHTS, (long) PLANES * plan.sources() * width);
        WinogradFilter filter = new WinogradFilter(plan.sources(), width, planes);
        workplace.run(plan.sources(), (source, member) -> {
            Scratch scratch = workplace.scratch(member);
            float[] taps = scratch.floats(Scratch.Use.BLOCK, 9L * width);
            if (turned) {
                readTurned(w, at + source, plan, taps, width);
            } else {
                readTaps(w, at + source * plan.targets(), plan, taps, width);
            }
            for (int j = 0; j < width; j += 2 * L) {
                int panel = PackedFilter.width(j, width);
                int to = plan.sources() * j + source * panel;
                scratch.winograd().filter(taps, j, width, panel, planes, to, plan.sources() * width);
            }
        });
        return filter;
    }

    private static void readTaps(float[] w, int at, WinogradPlan plan, float[] taps, int width) {
        for (int tap = 0; tap < 9; tap++) {
            int from = at + tap * plan.sources() * plan.targets();
            System.arraycopy(w, from, taps, tap * width, plan.targets());
            Arrays.fill(taps, tap * width + plan.targets(), (tap + 1) * width, 0);
        }
    }

    private static void readTurned(float[] w, int at, WinogradPlan plan, float[] taps, int width) {
        for (int tap = 0; tap < 9; tap++) {
            int from = at + (8 - tap) * plan.sources() * plan.targets();
            for (int j = 0; j < plan.targets(); j++) {
                taps[tap * width + j] = w[from + j * plan.sources()];
            }
            Arrays.fill(taps, tap * width + plan.targets(), (tap + 1) * width, 0);
        }
    }

    float[] array() {
        return planes;
    }

    /** Returns where the panel of a plane begins that starts at a column; its rows lie its width apart. */
    int panel(int plane, int column) {
        return plane * sources * width + sources * column;
    }
}
