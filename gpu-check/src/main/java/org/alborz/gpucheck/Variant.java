package org.alborz.gpucheck;

import org.alborz.backend.BackendOptions;
import org.alborz.tensor.Session;
import org.alborz.type.DType;

/**
 * A way to compute the same.
 *
 * @param recorded whether steps are recorded and replayed
 */
record Variant(DType dtype, boolean tf32, boolean recorded) {
    static final Variant EAGER = new Variant(DType.FLOAT32, false, false);
    static final Variant EAGER_TF32 = new Variant(DType.FLOAT32, true, false);
    static final Variant RECORDED = new Variant(DType.FLOAT32, false, true);
    static final Variant RECORDED_TF32 = new Variant(DType.FLOAT32, true, true);
    static final Variant RECORDED_BFLOAT16 = new Variant(DType.BFLOAT16, false, true);

    Session open(Subject subject) {
        BackendOptions options = BackendOptions.defaults();
        return subject.session(dtype, tf32 ? options.withTf32() : options);
    }

    /** Returns why a backend cannot compute so, or null where it can. */
    String refusal(Subject subject) {
        if (tf32 && subject.isCpu()) {
            return "the CPU has no TF32";
        }
        String refused = subject.refuses(dtype).orElse(null);
        if (refused != null || !recorded) {
            return refused;
        }
        try (Session session = open(subject)) {
            return session.backend().recorder().isPresent() ? null : "the backend records no steps";
        }
    }

    @Override
    public String toString() {
        return (dtype == DType.FLOAT32 ? tf32 ? "tf32" : "fp32" : dtype == DType.BFLOAT16 ? "bf16" : "fp16")
                + (recorded ? "-recorded" : "");
    }
}
