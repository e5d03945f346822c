package org.alborz.optim;

import org.alborz.backend.BinaryOp;
import org.alborz.backend.UnaryOp;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;

/** Arithmetic of vectors of all parameters; each waits for the device. */
final class Flat {
    private Flat() {}

    static Tensor copy(Tensor of, DType type) {
        return of.session().empty(type, Layout.rowMajor(of.shape())).assign(of);
    }

    static void add(Tensor to, Tensor what, double times) {
        try (Scope scope = to.session().scope("add")) {
            to.update(BinaryOp.ADD, what.mul(times));
        }
    }

    static double dot(Tensor a, Tensor b) {
        try (Scope scope = a.session().scope("dot")) {
            return a.mul(b).sum().item();
        }
    }

    static double largest(Tensor x) {
        try (Scope scope = x.session().scope("largest")) {
            return x.apply(UnaryOp.ABS).max(false, 0).item();
        }
    }

    static double sumOfMagnitudes(Tensor x) {
        try (Scope scope = x.session().scope("sum")) {
            return x.apply(UnaryOp.ABS).sum().item();
        }
    }
}
