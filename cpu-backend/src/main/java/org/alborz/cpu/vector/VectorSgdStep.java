package org.alborz.cpu.vector;

import org.alborz.backend.Operand;
import org.alborz.backend.SgdStep;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.type.DType;

/** Stochastic gradient descent in one pass; the loops are simple enough for the compiler to vectorise them. */
final class VectorSgdStep implements SgdStep {
    private final WorkerPool workers;

    VectorSgdStep(WorkerPool workers) {
        this.workers = workers;
    }

    @Override
    public void step(Parameters p, Operand value, Operand gradient, Operand velocity) {
        if (value.dtype() != DType.FLOAT32) {
            stepOfDoubles(p, value, gradient, velocity);
            return;
        }
        float[] x = Floats.of(value);
        float[] g = Floats.of(gradient);
        float[] v = velocity == null ? null : Floats.of(velocity);
        Chunks.forEach(workers, value, (from, count, worker) -> {
            int xAt = Floats.at(value) + from;
            int gAt = Floats.at(gradient) + from;
            if (velocity == null) {
                descend(p, x, xAt, g, gAt, count);
            } else if (p.nesterov()) {
                lookAhead(p, x, xAt, g, gAt, v, Floats.at(velocity) + from, count);
            } else {
                roll(p, x, xAt, g, gAt, v, Floats.at(velocity) + from, count);
            }
        });
    }

    private static void descend(Parameters p, float[] x, int xAt, float[] g, int gAt, int n) {
        float rate = (float) p.learningRate();
        float decay = (float) p.weightDecay();
        for (int i = 0; i < n; i++) {
            x[xAt + i] -= rate * (g[gAt + i] + decay * x[xAt + i]);
        }
    }

    private static void roll(Parameters p, float[] x, int xAt, float[] g, int gAt, float[] v, int vAt, int n) {
        float rate = (float) p.learningRate();
        float decay = (float) p.weightDecay();
        float momentum = (float) p.momentum();
        for (int i = 0; i < n; i++) {
            float speed = momentum * v[vAt + i] + (g[gAt + i] + decay * x[xAt + i]);
            v[vAt + i] = speed;
            x[xAt + i] -= rate * speed;
        }
    }

    private static void lookAhead(Parameters p, float[] x, int xAt, float[] g, int gAt, float[] v, int vAt, int n) {
        float rate = (float) p.learningRate();
        float decay = (float) p.weightDecay();
        float momentum = (float) p.momentum();
        for (int i = 0; i < n; i++) {
            float slope = g[gAt + i] + decay * x[xAt + i];
            float speed = momentum * v[vAt + i] + slope;
            v[vAt + i] = speed;
            x[xAt + i] -= rate * (slope + momentum * speed);
        }
    }

    private static void stepOfDoubles(Parameters p, Operand value, Operand gradient, Operand velocity) {
        CpuBuffer theta = CpuBuffer.of(value);
        CpuBuffer slopes = CpuBuffer.of(gradient);
        CpuBuffer speeds = velocity == null ? null : CpuBuffer.of(velocity);
        for (int i = 0; i < value.shape().elements(); i++) {
            double x = theta.get(Floats.at(value) + i);
            double slope = slopes.get(Floats.at(gradient) + i) + p.weightDecay() * x;
            double speed = slope;
            if (speeds != null) {
                speed += p.momentum() * speeds.get(Floats.at(velocity) + i);
                speeds.set(Floats.at(velocity) + i, speed);
            }
            double move = p.nesterov() ? slope + p.momentum() * speed : speed;
            theta.set(Floats.at(value) + i, x - p.learningRate() * move);
        }
    }
}
