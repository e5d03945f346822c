package org.alborz.gpucheck;

import org.alborz.backend.BackendOptions;
import org.alborz.tensor.Session;
import org.alborz.type.DType;

/**
 * A way to compute the same.
 *
 * @param captured whether steps are captured and replayed
 */
record Variant(DType dtype, boolean tf32, boolean captured) {
    static final Variant EAGER = new Variant(DType.FLOAT32, false, false);
    static final Variant EAGER_TF32 = new Variant(DType.FLOAT32, true, false);
    static final Variant CAPTURED = new Variant(DType.FLOAT32, false, true);
    static final Variant CAPTURED_TF32 = new Variant(DType.FLOAT32, true, true);
    static final Variant CAPTURED_BFLOAT16 = new Variant(DType.BFLOAT16, false, true);

    Session open(Subject subject) {
        return open(subject, BackendOptions.defaults());
    }

    Session open(Subject subject, BackendOptions options) {
        return subject.session(dtype, tf32 ? options.withTf32() : options);
    }

    /** Returns why a backend cannot compute so, or null where it can. */
    String refusal(Subject subject) {
        if (tf32 && subject.isCpu()) {
            return "the CPU has no TF32";
        }
        String refused = subject.refuses(dtype).orElse(null);
        if (refused != null || !captured) {
            return refused;
        }
        try (Session session = open(subject)) {
            return session.backend().graphCapture().isPresent() ? null : "the backend captures no steps";
        }
    }

    @Override
    public String toString() {
        return (dtype == DType.FLOAT32 ? tf32 ? "tf32" : "fp32" : dtype == DType.BFLOAT16 ? "bf16" : "fp16")
                + (captured ? "-captured" : "");
    }
}
