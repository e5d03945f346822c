package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.alborz.backend.DropoutMask;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.Float32Buffer;
import org.alborz.random.RandomKey;

/** Dropout that draws its mask as it goes. */
final class VectorDropoutMask implements DropoutMask {
    private final WorkerPool workers;
    private final ThreadTeam.Task maskChunk = this::maskChunk;

    // The run that goes on now; fields, so that one makes no objects.
    private RandomKey key;
    private float threshold;
    private double scale;
    private Operand x;
    private Operand y;
    private CpuBuffer source;
    private CpuBuffer target;

    VectorDropoutMask(WorkerPool workers) {
        this.workers = workers;
    }

    @Override
    public void apply(RandomKey randomKey, double rate, Operand from, Operand into) {
        key = randomKey;
        // u ≥ rate, with u = (word >>> 8)·2⁻²⁴, is (word >>> 8) ≥ ⌈rate·2²⁴⌉ exactly.
        threshold = (float) Math.ceil(rate * 0x1p24);
        scale = 1 / (1 - rate);
        x = from;
        y = into;
        source = CpuBuffer.of(from);
        target = CpuBuffer.of(into);
        try {
            workers.run(Chunks.count(x), maskChunk);
        } finally {
            x = null;
            y = null;
            source = null;
            target = null;
        }
    }

    private void maskChunk(int task, int worker) {
        int from = task * Chunks.SIZE;
        int count = Chunks.size(x, task);
        float[] floats = source instanceof Float32Buffer fast ? fast.array() : null;
        float[] results = target instanceof Float32Buffer fast ? fast.array() : null;
        PhiloxWords philox = workers.workspace(worker).philox();
        float[] words = workers.workspace(worker).floats(Workspace.Use.BLOCK, PhiloxWords.length(Workspace.SPAN));
        for (int done = 0; done < count; done += Workspace.SPAN) {
            int n = Math.min(Workspace.SPAN, count - done);
            philox.fill(
                    key,
                    (from + done) / PhiloxWords.WORDS_PER_BLOCK,
                    Gemm.ceilDiv(n, PhiloxWords.WORDS_PER_BLOCK),
                    words);
            int xAt = Floats.at(x) + from + done;
            int yAt = Floats.at(y) + from + done;
            if (floats != null && results != null) {
                mask(words, threshold, (float) scale, floats, xAt, results, yAt, n);
            } else {
                mask(words, threshold, scale, source, xAt, target, yAt, n);
            }
        }
    }

    private static void mask(
            float[] words, float threshold, float scale, float[] x, int xAt, float[] y, int yAt, int n) {
        int whole = n - n % L;
        FloatVector zero = FloatVector.zero(S);
        for (int i = 0; i < whole; i += L) {
            VectorMask<Float> dropped = FloatVector.fromArray(S, words, i).compare(VectorOperators.LT, threshold);
            FloatVector.fromArray(S, x, xAt + i).mul(scale).blend(zero, dropped).intoArray(y, yAt + i);
        }
        for (int i = whole; i < n; i++) {
            y[yAt + i] = words[i] < threshold ? 0 : x[xAt + i] * scale;
        }
    }

    private static void mask(
            float[] words, float threshold, double scale, CpuBuffer x, int xAt, CpuBuffer y, int yAt, int n) {
        for (int i = 0; i < n; i++) {
            y.set(yAt + i, words[i] < threshold ? 0 : x.get(xAt + i) * scale);
        }
    }
}
