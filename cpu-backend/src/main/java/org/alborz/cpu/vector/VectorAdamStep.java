package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import org.alborz.backend.AdamStep;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.type.DType;

/** Adam in one pass over the four arrays. */
final class VectorAdamStep implements AdamStep {
    private final WorkerPool workers;

    VectorAdamStep(WorkerPool workers) {
        this.workers = workers;
    }

    @Override
    public void step(Parameters k, Operand value, Operand gradient, Operand firstMoment, Operand secondMoment) {
        if (value.dtype() != DType.FLOAT32) {
            stepOfDoubles(k, value, gradient, firstMoment, secondMoment);
            return;
        }
        float[] x = Floats.of(value);
        float[] g = Floats.of(gradient);
        float[] m = Floats.of(firstMoment);
        float[] v = Floats.of(secondMoment);
        Chunks.forEach(
                workers,
                value,
                (from, count, worker) -> step(
                        k,
                        x,
                        Floats.at(value) + from,
                        g,
                        Floats.at(gradient) + from,
                        m,
                        Floats.at(firstMoment) + from,
                        v,
                        Floats.at(secondMoment) + from,
                        count));
    }

    private static void step(
            Parameters k,
            float[] value,
            int x,
            float[] gradient,
            int g,
            float[] first,
            int m,
            float[] second,
            int v,
            int n) {
        int whole = n - n % L;
        FloatVector beta1 = FloatVector.broadcast(S, (float) k.beta1());
        FloatVector rest1 = FloatVector.broadcast(S, (float) (1 - k.beta1()));
        FloatVector beta2 = FloatVector.broadcast(S, (float) k.beta2());
        FloatVector rest2 = FloatVector.broadcast(S, (float) (1 - k.beta2()));
        FloatVector rate = FloatVector.broadcast(S, (float) k.rate());
        FloatVector correction = FloatVector.broadcast(S, (float) k.correction());
        FloatVector epsilon = FloatVector.broadcast(S, (float) k.epsilon());
        FloatVector decay = FloatVector.broadcast(S, (float) k.decay());
        FloatVector shrink = FloatVector.broadcast(S, (float) k.shrink());
        for (int i = 0; i < whole; i += L) {
            FloatVector theta = FloatVector.fromArray(S, value, x + i);
            FloatVector slope = theta.fma(decay, FloatVector.fromArray(S, gradient, g + i));
            FloatVector mean = FloatVector.fromArray(S, first, m + i).mul(beta1).add(slope.mul(rest1));
            FloatVector square = FloatVector.fromArray(S, second, v + i)
                    .mul(beta2)
                    .add(slope.mul(slope).mul(rest2));
            mean.intoArray(first, m + i);
            square.intoArray(second, v + i);
            FloatVector move = mean.mul(rate).div(square.mul(correction).sqrt().add(epsilon));
            theta.mul(shrink).sub(move).intoArray(value, x + i);
        }
        for (int i = whole; i < n; i++) {
            float theta = value[x + i];
            float slope = (float) (theta * k.decay() + gradient[g + i]);
            first[m + i] = (float) (k.beta1() * first[m + i] + (1 - k.beta1()) * slope);
            second[v + i] = (float) (k.beta2() * second[v + i] + (1 - k.beta2()) * slope * slope);
            double move = k.rate() * first[m + i] / (Math.sqrt(second[v + i] * k.correction()) + k.epsilon());
            value[x + i] = (float) (theta * k.shrink() - move);
        }
    }

    private static void stepOfDoubles(Parameters k, Operand value, Operand gradient, Operand first, Operand second) {
        CpuBuffer theta = CpuBuffer.of(value);
        CpuBuffer slopes = CpuBuffer.of(gradient);
        CpuBuffer means = CpuBuffer.of(first);
        CpuBuffer squares = CpuBuffer.of(second);
        for (int i = 0; i < value.shape().elements(); i++) {
            double x = theta.get(Floats.at(value) + i);
            double slope = x * k.decay() + slopes.get(Floats.at(gradient) + i);
            double mean = k.beta1() * means.get(Floats.at(first) + i) + (1 - k.beta1()) * slope;
            double square = k.beta2() * squares.get(Floats.at(second) + i) + (1 - k.beta2()) * slope * slope;
            means.set(Floats.at(first) + i, mean);
            squares.set(Floats.at(second) + i, square);
            theta.set(
                    Floats.at(value) + i,
                    x * k.shrink() - k.rate() * mean / (Math.sqrt(square * k.correction()) + k.epsilon()));
        }
    }
}
