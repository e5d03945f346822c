package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.WinogradTransform.PLANES;

import java.util.Arrays;
import org.alborz.backend.Operand;

/**
 * A filter of 3×3 transformed for {@link WinogradConvolution}: for each of the 36 planes a matrix [source][target], whose columns are
 * cut into panels of two vectors, the last of one where that is enough.
 */
final class WinogradFilter {
    private final WorkerPool workers;
    private final WinogradPlan plan;
    private final boolean turned;
    private final int width;
    private final ThreadTeam.Task transformSource = this::transformSource;
    private float[] planes;
    private int planesAt;
    private float[] weights;
    private int weightsAt;

    /**
     * Prepares for weights [3][3][c][o].
     *
     * @param turned whether the sources are o, the targets c, and the filter is turned round
     */
    WinogradFilter(WorkerPool workers, WinogradPlan plan, boolean turned) {
        this.workers = workers;
        this.plan = plan;
        this.turned = turned;
        this.width = plan.targetWidth();
    }

    /** Returns how many numbers the planes hold. */
    long size() {
        return (long) PLANES * plan.sources() * width;
    }

    /** Transforms weights, and returns the planes, in shared memory and valid until others are transformed. */
    float[] transform(Operand w) {
        float[] result = workers.shared().floats(Workspace.Use.WEIGHTS, size());
        transform(w, result, 0);
        return result;
    }

    /** Transforms weights into the given memory. */
    void transform(Operand w, float[] into, int at) {
        planes = into;
        planesAt = at;
        weights = Floats.of(w);
        weightsAt = Floats.at(w);
        workers.run(plan.sources(), transformSource);
        planes = null;
        weights = null;
    }

    private void transformSource(int source, int worker) {
        Workspace workspace = workers.workspace(worker);
        float[] taps = workspace.floats(Workspace.Use.BLOCK, 9L * width);
        if (turned) {
            readTurned(weights, weightsAt + source, taps);
        } else {
            readTaps(weights, weightsAt + source * plan.targets(), taps);
        }
        for (int j = 0; j < width; j += 2 * L) {
            int panel = PackedFilter.width(j, width);
            int to = planesAt + plan.sources() * j + source * panel;
            workspace.winograd().filter(taps, j, width, panel, planes, to, plan.sources() * width);
        }
    }

    private void readTaps(float[] w, int at, float[] taps) {
        for (int tap = 0; tap < 9; tap++) {
            int from = at + tap * plan.sources() * plan.targets();
            System.arraycopy(w, from, taps, tap * width, plan.targets());
            Arrays.fill(taps, tap * width + plan.targets(), (tap + 1) * width, 0);
        }
    }

    private void readTurned(float[] w, int at, float[] taps) {
        for (int tap = 0; tap < 9; tap++) {
            int from = at + (8 - tap) * plan.sources() * plan.targets();
            for (int j = 0; j < plan.targets(); j++) {
                taps[tap * width + j] = w[from + j * plan.sources()];
            }
            Arrays.fill(taps, tap * width + plan.targets(), (tap + 1) * width, 0);
        }
    }

    /** Returns where the panel of a plane begins that starts at a column; its rows are as far apart as it is wide. */
    int panel(int plane, int column) {
        return plane * plan.sources() * width + plan.sources() * column;
    }
}
