package org.alborz.backend;

/**
 * How an optimizer changes a number θ by its gradient. In the equations g is {@code gradient + decay·θ}, and Δ is subtracted:
 * {@code θ = shrink·θ − Δ}. The states are a, b and c, in this order; the other names are numbers of {@link UpdateStep.Parameters}.
 */
public enum UpdateRule {
    /** AdaGrad (Duchi et al. 2011): {@code a = a + g²}, {@code Δ = rate·g / (√a + epsilon)}. */
    ADAGRAD,
    /**
     * Adadelta (Zeiler 2012): {@code a = beta2·a + (1−beta2)·g²}, {@code d = g·√(b + epsilon) / √(a + epsilon)},
     * {@code b = beta2·b + (1−beta2)·d²}, {@code Δ = rate·d}.
     */
    ADADELTA,
    /** RMSprop (Tieleman and Hinton 2012): {@code a = beta2·a + (1−beta2)·g²}, {@code Δ = rate·g / (√a + epsilon)}. */
    RMSPROP,
    /** The same with momentum: {@code b = beta1·b + g / (√a + epsilon)}, {@code Δ = rate·b}. */
    RMSPROP_MOMENTUM,
    /**
     * RMSprop by the variance (Graves 2013): a as there, {@code b = beta2·b + (1−beta2)·g},
     * {@code Δ = rate·g / (√max(a − b², 0) + epsilon)}.
     */
    CENTERED_RMSPROP,
    /** The same with momentum: {@code c = beta1·c + g / (√max(a − b², 0) + epsilon)}, {@code Δ = rate·c}. */
    CENTERED_RMSPROP_MOMENTUM,
    /** AdaMax (Kingma and Ba 2015): {@code a = beta1·a + (1−beta1)·g}, {@code b = max(beta2·b, |g| + epsilon)}, {@code Δ = rate·a / b}. */
    ADAMAX,
    /**
     * NAdam (Dozat 2016): Adam's moments {@code a = beta1·a + (1−beta1)·g} and {@code b = beta2·b + (1−beta2)·g²},
     * {@code Δ = (gradientRate·g + rate·a) / (√(correction·b) + epsilon)}.
     */
    NADAM,
    /**
     * RAdam (Liu et al. 2020): Adam's moments a and b, {@code Δ = rate·a / (√b + epsilon)}, or {@code rate·a} in the first steps, of which the
     * variance is not known: the correction is 0 then.
     */
    RADAM,
    /** AMSGrad (Reddi et al. 2018): Adam's moments a and b, {@code c = max(c, b)}, {@code Δ = rate·a / (√(correction·c) + epsilon)}. */
    AMSGRAD,
    /** Lion (Chen et al. 2023): {@code Δ = rate·sign(beta1·a + (1−beta1)·g)}, then {@code a = beta2·a + (1−beta2)·g}. */
    LION,
    /**
     * The direction of LAMB (You et al. 2020), which does not change θ: Adam's moments a and b of the gradient,
     * {@code c = rate·a / (√(correction·b) + epsilon) + decay·θ}.
     */
    LAMB_DIRECTION,
    /**
     * An average of the values, which does not change them: {@code a = correction·a + rate·θ}, or {@code a = θ} where the rate is 1. It reads no
     * gradient.
     */
    AVERAGE,
    /**
     * Lookahead (Zhang et al. 2019): {@code a = a + rate·(θ − a)}, and {@code θ = a}; {@code a = θ} where the rate is 1, and a stays where it is 0, whether
     * θ is finite or not. It reads no gradient.
     */
    LOOKAHEAD;

    /** Returns how many states there are for each number. */
    public int states() {
        return switch (this) {
            case ADAGRAD, RMSPROP, LION, AVERAGE, LOOKAHEAD -> 1;
            case ADADELTA, RMSPROP_MOMENTUM, CENTERED_RMSPROP, ADAMAX, NADAM, RADAM -> 2;
            case CENTERED_RMSPROP_MOMENTUM, AMSGRAD, LAMB_DIRECTION -> 3;
        };
    }
}
