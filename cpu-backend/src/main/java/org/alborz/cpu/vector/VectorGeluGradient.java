package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.alborz.backend.GeluGradient;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.scalar.ErrorFunction;
import org.alborz.type.DType;

/**
 * GELU's gradient in one pass: of float32 and of 16 bits in float32, of float64 by the reference's error function.
 *
 * <p>With t = |x|, Φ(−t) is exp(−t²/2)·p(1 / (1 + 0.28·t)) for a polynomial p, right to 1e-8, and the density has the same exponential. So the
 * derivative is 1 + d where x is positive and −d where it is negative, with d = exp(−t²/2)·(t/√(2π) − p). Its error is some 2e-7, of values up to 1.13: like the
 * derivative itself, whose two terms cancel near −0.75, it is not relative.
 */
final class VectorGeluGradient implements GeluGradient {
    /** Beyond this, the derivative is taken as 0 or 1; below −13 it is 1e-36 at most. */
    private static final float MOST = 13;

    private static final float SLOPE = 0.28f;
    private static final float P1 = 0.11652069f;
    private static final float P2 = 0.06749731f;
    private static final float P3 = 0.26890874f;
    private static final float P4 = -0.23699169f;
    private static final float P5 = 0.3898729f;
    private static final float P6 = -0.10580797f;

    private static final double DENSITY = 0.3989422804014327;
    private static final double MOST_OF_DOUBLES = 40;

    private final WorkerPool workers;
    private final FloatRows dy = new FloatRows(Workspace.Use.GRADIENT);
    private final FloatRows x = new FloatRows(Workspace.Use.FRAME);
    private final FloatRows dx = new FloatRows(Workspace.Use.BLOCK);

    VectorGeluGradient(WorkerPool workers) {
        this.workers = workers;
    }

    @Override
    public void apply(Operand gradient, Operand from, Operand into) {
        if (into.dtype() == DType.FLOAT64) {
            applyToDoubles(gradient, from, into);
            return;
        }
        dy.set(gradient);
        x.set(from);
        dx.set(into);
        try {
            Chunks.forEach(workers, into, (first, count, worker) -> apply(first, count, workers.workspace(worker)));
        } finally {
            dy.end(); // the arrays may go back to the pool
            x.end();
            dx.end();
        }
    }

    private void apply(int first, int count, Workspace memory) {
        float[] target = dx.target(memory, count);
        apply(
                dy.read(memory, first, count),
                dy.at(first),
                x.read(memory, first, count),
                x.at(first),
                target,
                dx.at(first),
                count);
        dx.store(target, first, count);
    }

    private static void apply(float[] dy, int di, float[] x, int xi, float[] dx, int to, int n) {
        int whole = n - n % L;
        FloatVector one = FloatVector.broadcast(S, 1);
        FloatVector zero = FloatVector.zero(S);
        FloatVector most = FloatVector.broadcast(S, MOST);
        for (int i = 0; i < whole; i += L) {
            FloatVector x1 = FloatVector.fromArray(S, x, xi + i);
            VectorMask<Float> beyond = x1.abs().compare(VectorOperators.GT, most);
            FloatVector t = x1.abs().blend(most, beyond);
            FloatVector exponent = t.mul(t).mul(-0.5f);
            FloatVector k = Exponential.wholePart(exponent);
            FloatVector power = Exponential.power(k);
            FloatVector e = Exponential.expm1(Exponential.rest(exponent, k)).fma(power, power);
            FloatVector u = one.div(t.fma(FloatVector.broadcast(S, SLOPE), one));
            FloatVector p = u.fma(P6, P5)
                    .fma(u, FloatVector.broadcast(S, P4))
                    .fma(u, FloatVector.broadcast(S, P3))
                    .fma(u, FloatVector.broadcast(S, P2))
                    .fma(u, FloatVector.broadcast(S, P1))
                    .mul(u);
            FloatVector d = t.mul((float) DENSITY).sub(p).mul(e).blend(zero, beyond);
            one.add(d)
                    .blend(zero.sub(d), x1.compare(VectorOperators.LT, zero))
                    .mul(FloatVector.fromArray(S, dy, di + i))
                    .intoArray(dx, to + i);
        }
        for (int i = whole; i < n; i++) {
            dx[to + i] = derivative(x[xi + i]) * dy[di + i];
        }
    }

    /** Does what the loop over vectors does. */
    private static float derivative(float x) {
        float magnitude = Math.abs(x);
        float t = magnitude > MOST ? MOST : magnitude;
        float exponent = t * t * -0.5f;
        float k = Exponential.wholePart(exponent);
        float power = Exponential.power(k);
        float e = Math.fma(Exponential.expm1(Exponential.rest(exponent, k)), power, power);
        float u = 1 / Math.fma(t, SLOPE, 1);
        float p = Math.fma(Math.fma(Math.fma(u, P6, P5), u, P4), u, P3);
        p = Math.fma(Math.fma(p, u, P2), u, P1) * u;
        float d = magnitude > MOST ? 0 : (t * (float) DENSITY - p) * e;
        return x < 0 ? 0 - d : 1 + d;
    }

    private void applyToDoubles(Operand gradient, Operand from, Operand into) {
        CpuBuffer slopes = CpuBuffer.of(gradient);
        CpuBuffer values = CpuBuffer.of(from);
        CpuBuffer results = CpuBuffer.of(into);
        int di = Floats.at(gradient);
        int xi = Floats.at(from);
        int to = Floats.at(into);
        Chunks.forEach(workers, into, (first, count, worker) -> {
            for (int i = first; i < first + count; i++) {
                double v = Math.max(-MOST_OF_DOUBLES, Math.min(MOST_OF_DOUBLES, values.get(xi + i)));
                double density = DENSITY * Math.exp(-0.5 * v * v);
                double distribution = 0.5 * ErrorFunction.erfc(-v * Math.sqrt(0.5));
                results.set(to + i, slopes.get(di + i) * (distribution + v * density));
            }
        });
    }
}
