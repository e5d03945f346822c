package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import java.util.function.Supplier;
import jdk.incubator.vector.FloatVector;
import org.alborz.backend.Buffer;
import org.alborz.backend.Operand;
import org.alborz.backend.RandomFill;
import org.alborz.random.RandomKey;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** Random numbers with the reference's bits, by vectors for float32 and uniform numbers of 16 bits, and on all threads. */
final class VectorRandomFill implements RandomFill {
    private static final float TWO_TO_MINUS_24 = 0x1p-24f;

    private final WorkerPool workers;
    private final RandomFill[] references;
    private final NormalNumbers[] normals;

    // The call that runs now; kept here, so that a call makes no objects.
    private RandomKey key;
    private Buffer buffer;
    private int origin;
    private int elements;
    private boolean isNormal;

    /** Of uniform numbers. */
    private float largest;

    private final FloatRows rows = new FloatRows(Workspace.Use.PARTIAL);

    private final ThreadTeam.Task uniform = this::fillUniform;
    private final ThreadTeam.Task normal = this::fillNormal;
    private final ThreadTeam.Task slow = this::fillSlowly;

    VectorRandomFill(WorkerPool workers, Supplier<RandomFill> reference) {
        this.workers = workers;
        references = new RandomFill[workers.threads()];
        normals = new NormalNumbers[workers.threads()];
        for (int i = 0; i < references.length; i++) {
            references[i] = reference.get();
            normals[i] = new NormalNumbers();
        }
    }

    @Override
    public void uniform(RandomKey randomKey, Operand y) {
        isNormal = false;
        largest = (float) RandomFill.largestUniform(y.dtype());
        run(y.dtype() == DType.FLOAT64 ? slow : uniform, randomKey, y);
    }

    @Override
    public void normal(RandomKey randomKey, Operand y) {
        isNormal = true;
        run(y.dtype() == DType.FLOAT32 ? normal : slow, randomKey, y);
    }

    private void run(ThreadTeam.Task task, RandomKey randomKey, Operand y) {
        key = randomKey;
        buffer = y.buffer();
        origin = Floats.at(y);
        elements = (int) y.shape().elements();
        if (task != slow) {
            rows.set(y);
        }
        try {
            workers.run(Chunks.count(y), task);
        } finally {
            rows.end();
            buffer = null; // it may go back to the pool
        }
    }

    private int count(int task) {
        return Math.min(Chunks.SIZE, elements - task * Chunks.SIZE);
    }

    private void fillUniform(int task, int worker) {
        int from = task * Chunks.SIZE;
        int count = count(task);
        Workspace workspace = workers.workspace(worker);
        PhiloxWords philox = workspace.philox();
        float[] words = workspace.floats(Workspace.Use.BLOCK, PhiloxWords.length(Workspace.SPAN));
        for (int done = 0; done < count; done += Workspace.SPAN) {
            int n = Math.min(Workspace.SPAN, count - done);
            philox.fill(
                    key,
                    (from + done) / PhiloxWords.WORDS_PER_BLOCK,
                    Gemm.ceilDiv(n, PhiloxWords.WORDS_PER_BLOCK),
                    words);
            float[] into = rows.target(workspace, n);
            scale(words, into, rows.at(from + done), n, largest);
            rows.store(into, from + done, n);
        }
    }

    private static void scale(float[] words, float[] y, int yi, int n, float largest) {
        int whole = n - n % L;
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, words, i).mul(TWO_TO_MINUS_24).min(largest).intoArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i] = Math.min(largest, words[i] * TWO_TO_MINUS_24);
        }
    }

    private void fillNormal(int task, int worker) {
        int from = task * Chunks.SIZE;
        Workspace workspace = workers.workspace(worker);
        float[] into = rows.target(workspace, count(task));
        normals[worker].fill(workspace.philox(), key, from, into, rows.at(from), count(task));
    }

    /** The reference's loop over a part. */
    private void fillSlowly(int task, int worker) {
        int from = task * Chunks.SIZE;
        RandomKey part = new RandomKey(key.seed(), key.stream(), key.counter() + from / PhiloxWords.WORDS_PER_BLOCK);
        Operand y =
                new Slices.Slice(buffer, Layout.rowMajor(Shape.of(count(task))).shift(origin + from));
        if (isNormal) {
            references[worker].normal(part, y);
        } else {
            references[worker].uniform(part, y);
        }
    }
}
