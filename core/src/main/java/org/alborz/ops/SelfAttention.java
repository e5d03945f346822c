package org.alborz.ops;

import java.util.List;
import org.alborz.autograd.GradientSink;
import org.alborz.backend.Attention;
import org.alborz.backend.Backend;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Tensor;
import org.alborz.type.AttentionParameters;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Attention within sequences whose queries, keys and values are one projection, {@code [N, T, (H + 2·G)·E]}: at each place H queries, then G
 * keys, then G values. The other input is a bool mask that broadcasts to {@code [N, H, T, T]}, or null. Results are {@code [N, T, H·E]}, what
 * {@link AttentionOp} gives for the parts, and its statistics. Gradients are those of the projection as a whole, so that none of the parts is copied
 * where the backend reads and writes them in place.
 *
 * @param heads H
 * @param groups G, of which H is a multiple
 */
public record SelfAttention(AttentionParameters parameters, int heads, int groups, double dropout, RandomKey key)
        implements Op {
    private static final int X = 0;
    static final int MASK = 1;
    private static final int STATISTICS = 1;

    /** Refuses a rate of dropout outside of [0, 1), and heads that groups do not divide. */
    public SelfAttention {
        AttentionOp.requireRate(dropout);
        if (groups < 1 || heads < groups || heads % groups != 0) {
            throw new IllegalArgumentException("SelfAttention expects a positive number of heads that is a multiple of"
                    + " those of the keys, got " + heads + " and " + groups);
        }
    }

    @Override
    public String name() {
        return "scaledDotProductAttention";
    }

    @Override
    public void infer(Call call) {
        Shape scores = require(call);
        call.result(call.shape(X).with(2, heads * size(call)));
        call.result(call.dtype(X).accumulator(), Layout.rowMajor(scores.with(3, 2)));
    }

    /** Refuses inputs that do not fit, and asks for the projection row-major; returns the shape of the products. */
    Shape require(Call call) {
        call.floating(X);
        call.rank(X, "queries, keys and values", 3, "[N, T, (H + 2·G)·E]");
        Shape x = call.shape(X);
        if (x.size(1) == 0 || x.size(2) == 0 || x.size(2) % (heads + 2 * groups) != 0) {
            throw new IllegalArgumentException(call.name() + " expects at least one place, and a multiple of "
                    + (heads + 2 * groups) + " numbers for " + heads + " queries and twice " + groups
                    + " keys at each, got " + call.describe(X));
        }
        call.rowMajor(X);
        Shape scores = Shape.of(x.size(0), heads, x.size(1), x.size(1));
        if (call.has(MASK)) {
            call.bool(MASK);
            call.broadcast(MASK, scores);
        }
        return scores;
    }

    /** Returns E. */
    private int size(Call call) {
        return call.shape(X).size(2) / (heads + 2 * groups);
    }

    @Override
    public void compute(Backend backend, Call call) {
        int size = size(call);
        Attention fusion = fusion(backend, call);
        if (fusion == null) {
            Tensor[] parts = parts(call.tensor(X));
            Tensor[] results = Engine.applyAll(
                    new AttentionOp(parameters, dropout, key), 2, parts[0], parts[1], parts[2], call.tensor(MASK));
            call.give(0, joined(results[0]));
            call.give(STATISTICS, results[1]);
            return;
        }
        Layout x = call.in(X).layout();
        Layout y = call.out(0).layout();
        fusion.forward(
                parameters,
                AttentionOp.dropped(dropout, key),
                call.in(X, heads(x, 0, heads, size)),
                call.in(X, heads(x, heads, groups, size)),
                call.in(X, heads(x, heads + groups, groups, size)),
                call.in(MASK),
                call.out(0, heads(y, 0, heads, size)),
                call.out(STATISTICS));
    }

    /** Returns the backend's own attention where it reads and writes heads in place; null where there is none. */
    Attention fusion(Backend backend, Call call) {
        Attention fusion = backend.fusion(Attention.class).orElse(null);
        int size = size(call);
        return fusion != null && fusion.takesParts() && fusion.takes(call.dtype(X), size, size) ? fusion : null;
    }

    /** Computes the gradient of the projection where a backend does it in place. */
    void computeGradient(Attention fusion, Call call, int result, int statistics, int dResult) {
        int size = size(call);
        Layout x = call.in(X).layout();
        Layout dx = call.out(0).layout();
        fusion.backward(
                parameters,
                AttentionOp.dropped(dropout, key),
                new Attention.Inputs(
                        call.in(X, heads(x, 0, heads, size)),
                        call.in(X, heads(x, heads, groups, size)),
                        call.in(X, heads(x, heads + groups, groups, size)),
                        call.in(MASK),
                        call.in(result, heads(call.in(result).layout(), 0, heads, size)),
                        call.in(statistics),
                        call.in(dResult, heads(call.in(dResult).layout(), 0, heads, size))),
                call.out(0, heads(dx, 0, heads, size)),
                call.out(0, heads(dx, heads, groups, size)),
                call.out(0, heads(dx, heads + groups, groups, size)));
    }

    /** Reads some heads of each place of {@code [N, T, …]} as {@code [N, count, T, size]}. */
    private static Layout heads(Layout rows, int first, int count, int size) {
        Shape shape = rows.shape();
        long[] strides = {rows.stride(0), size, rows.stride(1), 1};
        return Layout.of(
                Shape.of(shape.size(0), count, shape.size(1), size), strides, rows.offset() + (long) first * size);
    }

    /** Returns queries, keys and values as {@link AttentionOp} takes them, as views. */
    public Tensor[] parts(Tensor x) {
        int size = x.shape().size(2) / (heads + 2 * groups);
        return new Tensor[] {
            part(x, 0, heads, size), part(x, heads, groups, size), part(x, heads + groups, groups, size)
        };
    }

    private static Tensor part(Tensor x, int first, int count, int size) {
        return split(x.narrow(2, first * size, count * size), count);
    }

    /** Reads {@code [N, T, count·E]} as {@code [N, count, T, E]}. */
    static Tensor split(Tensor x, int count) {
        Shape shape = x.shape();
        return x.reshape(shape.size(0), shape.size(1), count, shape.size(2) / count)
                .transpose(1, 2);
    }

    /** Puts parts {@code [N, heads, T, E]} after each other again. */
    static Tensor joined(Tensor... parts) {
        Tensor[] rows = new Tensor[parts.length];
        for (int i = 0; i < parts.length; i++) {
            Shape shape = parts[i].shape();
            rows[i] = parts[i].transpose(1, 2).reshape(shape.size(0), shape.size(2), shape.size(1) * shape.size(3));
        }
        return rows.length == 1 ? rows[0] : Tensor.concat(2, rows);
    }

    @Override
    public long multiplyAdds(List<TensorSpec> inputs, List<TensorSpec> results) {
        Shape y = results.get(0).shape();
        return 2 * y.elements() * y.size(1);
    }

    @Override
    public int saves() {
        return Op.input(X) | Op.input(MASK) | Op.result(0) | Op.result(STATISTICS);
    }

    @Override
    public boolean differentiable(int input) {
        return input == X;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor x = inputs.input(X);
        Tensor mask = inputs.input(MASK);
        if (!inputs.differentiable()) {
            inputs.add(
                    X,
                    Engine.apply(
                            new SelfAttentionBackward(this), x, mask, inputs.result(0), inputs.result(STATISTICS), dy));
            return;
        }
        Tensor[] parts = parts(x);
        Tensor[] gradients = new AttentionComposition(parameters, dropout, key)
                .gradient(
                        parts[0],
                        parts[1],
                        parts[2],
                        mask,
                        split(dy, heads),
                        AttentionComposition.all(parts[0], parts[1]));
        inputs.add(X, joined(gradients[0], gradients[1], gradients[2]).to(x.dtype()));
    }
}
