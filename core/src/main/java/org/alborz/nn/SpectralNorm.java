package org.alborz.nn;

import org.alborz.random.RandomStream;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Described;
import org.alborz.type.Shape;

/**
 * Spectral normalisation (Miyato et al. 2018) of a layer with a parameter {@code weight}: it computes with the weight divided by its
 * largest singular value σ, as a matrix of a row an output. σ = uᵀ·W·v is found by power iteration: each training pass does one or more
 * iterations from where the last ended; evaluation does none. In checkpoints the weight is {@code weight_orig}, and the states
 * {@code weight_u} and {@code weight_v}, as PyTorch names them.
 */
public final class SpectralNorm implements Fresh {
    private static final int FIRST_ITERATIONS = 15;
    private static final double EPSILON = 1e-12;

    private final Reparametrized of;
    private final int iterations;
    private final Parameter left;
    private final Parameter right;

    /** Wraps a layer, such as a {@link Linear} or a {@link Conv2d}, with one iteration a training pass. */
    public SpectralNorm(Layer layer) {
        this(layer, 1);
    }

    /** Wraps a layer, with the given number of iterations a training pass, at least 1. */
    public SpectralNorm(Layer layer, int iterations) {
        if (iterations < 1) {
            throw new IllegalArgumentException("SpectralNorm expects at least 1 iteration, got " + iterations);
        }
        this.of = new Reparametrized("SpectralNorm", layer);
        this.iterations = iterations;
        int rows = of.rows();
        int width = Math.toIntExact(of.weight().shape().elements() / Math.max(1, rows));
        // The weight has its first values before the states, since it is described first.
        this.left = Parameter.state(Shape.of(rows), (shape, values, random) -> firstLeft(values, random));
        this.right = Parameter.state(Shape.of(width), (shape, values, random) -> firstRight(values));
    }

    private void firstLeft(double[] u, RandomStream random) {
        random.fillNormal(u);
        double[] v = new double[right.shape().size(0)];
        double[] weight = of.weight().value().toDoubles();
        normalize(u);
        for (int k = 0; k < FIRST_ITERATIONS; k++) {
            multiplyTransposed(weight, u, v);
            normalize(v);
            multiply(weight, v, u);
            normalize(u);
        }
    }

    private void firstRight(double[] v) {
        multiplyTransposed(of.weight().value().toDoubles(), left.value().toDoubles(), v);
        normalize(v);
    }

    private static void multiply(double[] weight, double[] v, double[] u) {
        for (int i = 0; i < u.length; i++) {
            u[i] = 0;
            for (int j = 0; j < v.length; j++) {
                u[i] += weight[i * v.length + j] * v[j];
            }
        }
    }

    private static void multiplyTransposed(double[] weight, double[] u, double[] v) {
        for (int j = 0; j < v.length; j++) {
            v[j] = 0;
            for (int i = 0; i < u.length; i++) {
                v[j] += weight[i * v.length + j] * u[i];
            }
        }
    }

    private static void normalize(double[] x) {
        double squares = 0;
        for (double each : x) {
            squares += each * each;
        }
        double length = Math.max(Math.sqrt(squares), EPSILON);
        for (int i = 0; i < x.length; i++) {
            x[i] /= length;
        }
    }

    /** Applies the layer, with its shapes. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        boolean iterates = pass.isTraining() && !left.isFrozen() && !right.isFrozen();
        Tensor own = pass.use(of.weight());
        return of.forward(weight(own, pass.use(left), pass.use(right), iterates), x, pass);
    }

    private Tensor weight(Tensor own, Tensor lastLeft, Tensor lastRight, boolean iterates) {
        try (Scope scope = own.session().scope("SpectralNorm")) {
            Tensor weight = own.to(lastLeft.dtype());
            Tensor matrix = weight.reshape(of.rows(), -1);
            Tensor u = lastLeft.reshape(1, -1);
            Tensor v = lastRight.reshape(-1, 1);
            if (iterates) {
                Tensor fixed = matrix.detach();
                for (int i = 0; i < iterations; i++) {
                    v = unit(u.matmul(fixed)).reshape(-1, 1);
                    u = unit(fixed.matmul(v)).reshape(1, -1);
                }
                left.value().assign(u.reshape(-1));
                right.value().assign(v.reshape(-1));
            }
            Tensor sigma = u.matmul(matrix).matmul(v).reshape(Shape.scalar());
            return scope.keep(weight.div(sigma).to(own.dtype()));
        }
    }

    private static Tensor unit(Tensor x) {
        return x.div(x.norm().maximum(EPSILON));
    }

    @Override
    public boolean isFresh() {
        return Fresh.is(of.layer());
    }

    @Override
    public void describe(Structure structure) {
        of.describe(structure, "weight_orig");
        structure.parameter("weight_u", left);
        structure.parameter("weight_v", right);
    }

    @Override
    public String toString() {
        return "SpectralNorm(" + Described.of(of.layer()) + (iterations == 1 ? "" : ", iterations=" + iterations) + ")";
    }
}
