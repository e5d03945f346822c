package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.alborz.backend.UpdateStep;

/**
 * The rules of optimizers on whole vectors of float32. The file is long because each rule is a loop of its own, in which the compiler keeps
 * its constants in registers.
 */
final class UpdateRows {
    private UpdateRows() {}

    /**
     * Changes some elements.
     *
     * @param from the first, counted from those of the arrays
     * @param n a multiple of the vector's length
     */
    static void step(UpdateStep.Parameters p, UpdateArrays arrays, int from, int n) {
        switch (p.rule()) {
            case ADAGRAD -> adagrad(p, arrays, from, n);
            case ADADELTA -> adadelta(p, arrays, from, n);
            case RMSPROP -> rmsProp(p, arrays, from, n);
            case RMSPROP_MOMENTUM -> rmsPropMomentum(p, arrays, from, n);
            case CENTERED_RMSPROP -> centeredRmsProp(p, arrays, from, n);
            case CENTERED_RMSPROP_MOMENTUM -> centeredRmsPropMomentum(p, arrays, from, n);
            case ADAMAX -> adamax(p, arrays, from, n);
            case NADAM -> nadam(p, arrays, from, n);
            case RADAM -> {
                if (p.correction() == 0) {
                    radamWarmup(p, arrays, from, n);
                } else {
                    radam(p, arrays, from, n);
                }
            }
            case AMSGRAD -> amsgrad(p, arrays, from, n);
            case LION -> lion(p, arrays, from, n);
            case LAMB_DIRECTION -> lambDirection(p, arrays, from, n);
            case AVERAGE -> average(p, arrays, from, n);
            case LOOKAHEAD -> lookahead(p, arrays, from, n);
        }
    }

    private static void adagrad(UpdateStep.Parameters p, UpdateArrays arrays, int from, int n) {
        float[] value = arrays.value();
        int valueAt = arrays.valueAt() + from;
        float[] gradient = arrays.gradient();
        int gradientAt = arrays.gradientAt() + from;
        float[] first = arrays.first();
        int firstAt = arrays.firstAt() + from;
        FloatVector decay = FloatVector.broadcast(S, (float) p.decay());
        FloatVector shrink = FloatVector.broadcast(S, (float) p.shrink());
        FloatVector rate = FloatVector.broadcast(S, (float) p.rate());
        FloatVector epsilon = FloatVector.broadcast(S, (float) p.epsilon());
        for (int i = 0; i < n; i += L) {
            FloatVector theta = FloatVector.fromArray(S, value, valueAt + i);
            FloatVector slope = theta.fma(decay, FloatVector.fromArray(S, gradient, gradientAt + i));
            FloatVector square = FloatVector.fromArray(S, first, firstAt + i).add(slope.mul(slope));
            square.intoArray(first, firstAt + i);
            FloatVector move = slope.mul(rate).div(square.sqrt().add(epsilon));
            theta.mul(shrink).sub(move).intoArray(value, valueAt + i);
        }
    }

    private static void adadelta(UpdateStep.Parameters p, UpdateArrays arrays, int from, int n) {
        float[] value = arrays.value();
        int valueAt = arrays.valueAt() + from;
        float[] gradient = arrays.gradient();
        int gradientAt = arrays.gradientAt() + from;
        float[] first = arrays.first();
        int firstAt = arrays.firstAt() + from;
        float[] second = arrays.second();
        int secondAt = arrays.secondAt() + from;
        FloatVector decay = FloatVector.broadcast(S, (float) p.decay());
        FloatVector shrink = FloatVector.broadcast(S, (float) p.shrink());
        FloatVector rate = FloatVector.broadcast(S, (float) p.rate());
        FloatVector beta2 = FloatVector.broadcast(S, (float) p.beta2());
        FloatVector rest2 = FloatVector.broadcast(S, (float) (1 - p.beta2()));
        FloatVector epsilon = FloatVector.broadcast(S, (float) p.epsilon());
        for (int i = 0; i < n; i += L) {
            FloatVector theta = FloatVector.fromArray(S, value, valueAt + i);
            FloatVector slope = theta.fma(decay, FloatVector.fromArray(S, gradient, gradientAt + i));
            FloatVector square = FloatVector.fromArray(S, first, firstAt + i)
                    .mul(beta2)
                    .add(slope.mul(slope).mul(rest2));
            square.intoArray(first, firstAt + i);
            FloatVector before = FloatVector.fromArray(S, second, secondAt + i);
            FloatVector delta =
                    before.add(epsilon).sqrt().div(square.add(epsilon).sqrt()).mul(slope);
            before.mul(beta2).add(delta.mul(delta).mul(rest2)).intoArray(second, secondAt + i);
            FloatVector move = delta.mul(rate);
            theta.mul(shrink).sub(move).intoArray(value, valueAt + i);
        }
    }

    private static void rmsProp(UpdateStep.Parameters p, UpdateArrays arrays, int from, int n) {
        float[] value = arrays.value();
        int valueAt = arrays.valueAt() + from;
        float[] gradient = arrays.gradient();
        int gradientAt = arrays.gradientAt() + from;
        float[] first = arrays.first();
        int firstAt = arrays.firstAt() + from;
        FloatVector decay = FloatVector.broadcast(S, (float) p.decay());
        FloatVector shrink = FloatVector.broadcast(S, (float) p.shrink());
        FloatVector rate = FloatVector.broadcast(S, (float) p.rate());
        FloatVector beta2 = FloatVector.broadcast(S, (float) p.beta2());
        FloatVector rest2 = FloatVector.broadcast(S, (float) (1 - p.beta2()));
        FloatVector epsilon = FloatVector.broadcast(S, (float) p.epsilon());
        for (int i = 0; i < n; i += L) {
            FloatVector theta = FloatVector.fromArray(S, value, valueAt + i);
            FloatVector slope = theta.fma(decay, FloatVector.fromArray(S, gradient, gradientAt + i));
            FloatVector square = FloatVector.fromArray(S, first, firstAt + i)
                    .mul(beta2)
                    .add(slope.mul(slope).mul(rest2));
            square.intoArray(first, firstAt + i);
            FloatVector move = slope.mul(rate).div(square.sqrt().add(epsilon));
            theta.mul(shrink).sub(move).intoArray(value, valueAt + i);
        }
    }

    private static void rmsPropMomentum(UpdateStep.Parameters p, UpdateArrays arrays, int from, int n) {
        float[] value = arrays.value();
        int valueAt = arrays.valueAt() + from;
        float[] gradient = arrays.gradient();
        int gradientAt = arrays.gradientAt() + from;
        float[] first = arrays.first();
        int firstAt = arrays.firstAt() + from;
        float[] second = arrays.second();
        int secondAt = arrays.secondAt() + from;
        FloatVector decay = FloatVector.broadcast(S, (float) p.decay());
        FloatVector shrink = FloatVector.broadcast(S, (float) p.shrink());
        FloatVector rate = FloatVector.broadcast(S, (float) p.rate());
        FloatVector beta1 = FloatVector.broadcast(S, (float) p.beta1());
        FloatVector beta2 = FloatVector.broadcast(S, (float) p.beta2());
        FloatVector rest2 = FloatVector.broadcast(S, (float) (1 - p.beta2()));
        FloatVector epsilon = FloatVector.broadcast(S, (float) p.epsilon());
        for (int i = 0; i < n; i += L) {
            FloatVector theta = FloatVector.fromArray(S, value, valueAt + i);
            FloatVector slope = theta.fma(decay, FloatVector.fromArray(S, gradient, gradientAt + i));
            FloatVector square = FloatVector.fromArray(S, first, firstAt + i)
                    .mul(beta2)
                    .add(slope.mul(slope).mul(rest2));
            square.intoArray(first, firstAt + i);
            FloatVector velocity = FloatVector.fromArray(S, second, secondAt + i)
                    .mul(beta1)
                    .add(slope.div(square.sqrt().add(epsilon)));
            velocity.intoArray(second, secondAt + i);
            FloatVector move = velocity.mul(rate);
            theta.mul(shrink).sub(move).intoArray(value, valueAt + i);
        }
    }

    private static void centeredRmsProp(UpdateStep.Parameters p, UpdateArrays arrays, int from, int n) {
        float[] value = arrays.value();
        int valueAt = arrays.valueAt() + from;
        float[] gradient = arrays.gradient();
        int gradientAt = arrays.gradientAt() + from;
        float[] first = arrays.first();
        int firstAt = arrays.firstAt() + from;
        float[] second = arrays.second();
        int secondAt = arrays.secondAt() + from;
        FloatVector decay = FloatVector.broadcast(S, (float) p.decay());
        FloatVector shrink = FloatVector.broadcast(S, (float) p.shrink());
        FloatVector rate = FloatVector.broadcast(S, (float) p.rate());
        FloatVector beta2 = FloatVector.broadcast(S, (float) p.beta2());
        FloatVector rest2 = FloatVector.broadcast(S, (float) (1 - p.beta2()));
        FloatVector epsilon = FloatVector.broadcast(S, (float) p.epsilon());
        FloatVector zero = FloatVector.zero(S);
        for (int i = 0; i < n; i += L) {
            FloatVector theta = FloatVector.fromArray(S, value, valueAt + i);
            FloatVector slope = theta.fma(decay, FloatVector.fromArray(S, gradient, gradientAt + i));
            FloatVector square = FloatVector.fromArray(S, first, firstAt + i)
                    .mul(beta2)
                    .add(slope.mul(slope).mul(rest2));
            square.intoArray(first, firstAt + i);
            FloatVector mean =
                    FloatVector.fromArray(S, second, secondAt + i).mul(beta2).add(slope.mul(rest2));
            mean.intoArray(second, secondAt + i);
            FloatVector variance = square.sub(mean.mul(mean)).max(zero);
            FloatVector move = slope.mul(rate).div(variance.sqrt().add(epsilon));
            theta.mul(shrink).sub(move).intoArray(value, valueAt + i);
        }
    }

    private static void centeredRmsPropMomentum(UpdateStep.Parameters p, UpdateArrays arrays, int from, int n) {
        float[] value = arrays.value();
        int valueAt = arrays.valueAt() + from;
        float[] gradient = arrays.gradient();
        int gradientAt = arrays.gradientAt() + from;
        float[] first = arrays.first();
        int firstAt = arrays.firstAt() + from;
        float[] second = arrays.second();
        int secondAt = arrays.secondAt() + from;
        float[] third = arrays.third();
        int thirdAt = arrays.thirdAt() + from;
        FloatVector decay = FloatVector.broadcast(S, (float) p.decay());
        FloatVector shrink = FloatVector.broadcast(S, (float) p.shrink());
        FloatVector rate = FloatVector.broadcast(S, (float) p.rate());
        FloatVector beta1 = FloatVector.broadcast(S, (float) p.beta1());
        FloatVector beta2 = FloatVector.broadcast(S, (float) p.beta2());
        FloatVector rest2 = FloatVector.broadcast(S, (float) (1 - p.beta2()));
        FloatVector epsilon = FloatVector.broadcast(S, (float) p.epsilon());
        FloatVector zero = FloatVector.zero(S);
        for (int i = 0; i < n; i += L) {
            FloatVector theta = FloatVector.fromArray(S, value, valueAt + i);
            FloatVector slope = theta.fma(decay, FloatVector.fromArray(S, gradient, gradientAt + i));
            FloatVector square = FloatVector.fromArray(S, first, firstAt + i)
                    .mul(beta2)
                    .add(slope.mul(slope).mul(rest2));
            square.intoArray(first, firstAt + i);
            FloatVector mean =
                    FloatVector.fromArray(S, second, secondAt + i).mul(beta2).add(slope.mul(rest2));
            mean.intoArray(second, secondAt + i);
            FloatVector variance = square.sub(mean.mul(mean)).max(zero);
            FloatVector velocity = FloatVector.fromArray(S, third, thirdAt + i)
                    .mul(beta1)
                    .add(slope.div(variance.sqrt().add(epsilon)));
            velocity.intoArray(third, thirdAt + i);
            FloatVector move = velocity.mul(rate);
            theta.mul(shrink).sub(move).intoArray(value, valueAt + i);
        }
    }

    private static void adamax(UpdateStep.Parameters p, UpdateArrays arrays, int from, int n) {
        float[] value = arrays.value();
        int valueAt = arrays.valueAt() + from;
        float[] gradient = arrays.gradient();
        int gradientAt = arrays.gradientAt() + from;
        float[] first = arrays.first();
        int firstAt = arrays.firstAt() + from;
        float[] second = arrays.second();
        int secondAt = arrays.secondAt() + from;
        FloatVector decay = FloatVector.broadcast(S, (float) p.decay());
        FloatVector shrink = FloatVector.broadcast(S, (float) p.shrink());
        FloatVector rate = FloatVector.broadcast(S, (float) p.rate());
        FloatVector beta1 = FloatVector.broadcast(S, (float) p.beta1());
        FloatVector rest1 = FloatVector.broadcast(S, (float) (1 - p.beta1()));
        FloatVector beta2 = FloatVector.broadcast(S, (float) p.beta2());
        FloatVector epsilon = FloatVector.broadcast(S, (float) p.epsilon());
        for (int i = 0; i < n; i += L) {
            FloatVector theta = FloatVector.fromArray(S, value, valueAt + i);
            FloatVector slope = theta.fma(decay, FloatVector.fromArray(S, gradient, gradientAt + i));
            FloatVector mean =
                    FloatVector.fromArray(S, first, firstAt + i).mul(beta1).add(slope.mul(rest1));
            mean.intoArray(first, firstAt + i);
            FloatVector most = FloatVector.fromArray(S, second, secondAt + i)
                    .mul(beta2)
                    .max(slope.abs().add(epsilon));
            most.intoArray(second, secondAt + i);
            FloatVector move = mean.mul(rate).div(most);
            theta.mul(shrink).sub(move).intoArray(value, valueAt + i);
        }
    }

    private static void nadam(UpdateStep.Parameters p, UpdateArrays arrays, int from, int n) {
        float[] value = arrays.value();
        int valueAt = arrays.valueAt() + from;
        float[] gradient = arrays.gradient();
        int gradientAt = arrays.gradientAt() + from;
        float[] first = arrays.first();
        int firstAt = arrays.firstAt() + from;
        float[] second = arrays.second();
        int secondAt = arrays.secondAt() + from;
        FloatVector decay = FloatVector.broadcast(S, (float) p.decay());
        FloatVector shrink = FloatVector.broadcast(S, (float) p.shrink());
        FloatVector rate = FloatVector.broadcast(S, (float) p.rate());
        FloatVector gradientRate = FloatVector.broadcast(S, (float) p.gradientRate());
        FloatVector beta1 = FloatVector.broadcast(S, (float) p.beta1());
        FloatVector rest1 = FloatVector.broadcast(S, (float) (1 - p.beta1()));
        FloatVector beta2 = FloatVector.broadcast(S, (float) p.beta2());
        FloatVector rest2 = FloatVector.broadcast(S, (float) (1 - p.beta2()));
        FloatVector correction = FloatVector.broadcast(S, (float) p.correction());
        FloatVector epsilon = FloatVector.broadcast(S, (float) p.epsilon());
        for (int i = 0; i < n; i += L) {
            FloatVector theta = FloatVector.fromArray(S, value, valueAt + i);
            FloatVector slope = theta.fma(decay, FloatVector.fromArray(S, gradient, gradientAt + i));
            FloatVector mean =
                    FloatVector.fromArray(S, first, firstAt + i).mul(beta1).add(slope.mul(rest1));
            mean.intoArray(first, firstAt + i);
            FloatVector square = FloatVector.fromArray(S, second, secondAt + i)
                    .mul(beta2)
                    .add(slope.mul(slope).mul(rest2));
            square.intoArray(second, secondAt + i);
            FloatVector move = slope.mul(gradientRate)
                    .add(mean.mul(rate))
                    .div(square.mul(correction).sqrt().add(epsilon));
            theta.mul(shrink).sub(move).intoArray(value, valueAt + i);
        }
    }

    private static void radam(UpdateStep.Parameters p, UpdateArrays arrays, int from, int n) {
        float[] value = arrays.value();
        int valueAt = arrays.valueAt() + from;
        float[] gradient = arrays.gradient();
        int gradientAt = arrays.gradientAt() + from;
        float[] first = arrays.first();
        int firstAt = arrays.firstAt() + from;
        float[] second = arrays.second();
        int secondAt = arrays.secondAt() + from;
        FloatVector decay = FloatVector.broadcast(S, (float) p.decay());
        FloatVector shrink = FloatVector.broadcast(S, (float) p.shrink());
        FloatVector rate = FloatVector.broadcast(S, (float) p.rate());
        FloatVector beta1 = FloatVector.broadcast(S, (float) p.beta1());
        FloatVector rest1 = FloatVector.broadcast(S, (float) (1 - p.beta1()));
        FloatVector beta2 = FloatVector.broadcast(S, (float) p.beta2());
        FloatVector rest2 = FloatVector.broadcast(S, (float) (1 - p.beta2()));
        FloatVector epsilon = FloatVector.broadcast(S, (float) p.epsilon());
        for (int i = 0; i < n; i += L) {
            FloatVector theta = FloatVector.fromArray(S, value, valueAt + i);
            FloatVector slope = theta.fma(decay, FloatVector.fromArray(S, gradient, gradientAt + i));
            FloatVector mean =
                    FloatVector.fromArray(S, first, firstAt + i).mul(beta1).add(slope.mul(rest1));
            mean.intoArray(first, firstAt + i);
            FloatVector square = FloatVector.fromArray(S, second, secondAt + i)
                    .mul(beta2)
                    .add(slope.mul(slope).mul(rest2));
            square.intoArray(second, secondAt + i);
            FloatVector move = mean.mul(rate).div(square.sqrt().add(epsilon));
            theta.mul(shrink).sub(move).intoArray(value, valueAt + i);
        }
    }

    private static void radamWarmup(UpdateStep.Parameters p, UpdateArrays arrays, int from, int n) {
        float[] value = arrays.value();
        int valueAt = arrays.valueAt() + from;
        float[] gradient = arrays.gradient();
        int gradientAt = arrays.gradientAt() + from;
        float[] first = arrays.first();
        int firstAt = arrays.firstAt() + from;
        float[] second = arrays.second();
        int secondAt = arrays.secondAt() + from;
        FloatVector decay = FloatVector.broadcast(S, (float) p.decay());
        FloatVector shrink = FloatVector.broadcast(S, (float) p.shrink());
        FloatVector rate = FloatVector.broadcast(S, (float) p.rate());
        FloatVector beta1 = FloatVector.broadcast(S, (float) p.beta1());
        FloatVector rest1 = FloatVector.broadcast(S, (float) (1 - p.beta1()));
        FloatVector beta2 = FloatVector.broadcast(S, (float) p.beta2());
        FloatVector rest2 = FloatVector.broadcast(S, (float) (1 - p.beta2()));
        for (int i = 0; i < n; i += L) {
            FloatVector theta = FloatVector.fromArray(S, value, valueAt + i);
            FloatVector slope = theta.fma(decay, FloatVector.fromArray(S, gradient, gradientAt + i));
            FloatVector mean =
                    FloatVector.fromArray(S, first, firstAt + i).mul(beta1).add(slope.mul(rest1));
            mean.intoArray(first, firstAt + i);
            FloatVector square = FloatVector.fromArray(S, second, secondAt + i)
                    .mul(beta2)
                    .add(slope.mul(slope).mul(rest2));
            square.intoArray(second, secondAt + i);
            FloatVector move = mean.mul(rate);
            theta.mul(shrink).sub(move).intoArray(value, valueAt + i);
        }
    }

    private static void amsgrad(UpdateStep.Parameters p, UpdateArrays arrays, int from, int n) {
        float[] value = arrays.value();
        int valueAt = arrays.valueAt() + from;
        float[] gradient = arrays.gradient();
        int gradientAt = arrays.gradientAt() + from;
        float[] first = arrays.first();
        int firstAt = arrays.firstAt() + from;
        float[] second = arrays.second();
        int secondAt = arrays.secondAt() + from;
        float[] third = arrays.third();
        int thirdAt = arrays.thirdAt() + from;
        FloatVector decay = FloatVector.broadcast(S, (float) p.decay());
        FloatVector shrink = FloatVector.broadcast(S, (float) p.shrink());
        FloatVector rate = FloatVector.broadcast(S, (float) p.rate());
        FloatVector beta1 = FloatVector.broadcast(S, (float) p.beta1());
        FloatVector rest1 = FloatVector.broadcast(S, (float) (1 - p.beta1()));
        FloatVector beta2 = FloatVector.broadcast(S, (float) p.beta2());
        FloatVector rest2 = FloatVector.broadcast(S, (float) (1 - p.beta2()));
        FloatVector correction = FloatVector.broadcast(S, (float) p.correction());
        FloatVector epsilon = FloatVector.broadcast(S, (float) p.epsilon());
        for (int i = 0; i < n; i += L) {
            FloatVector theta = FloatVector.fromArray(S, value, valueAt + i);
            FloatVector slope = theta.fma(decay, FloatVector.fromArray(S, gradient, gradientAt + i));
            FloatVector mean =
                    FloatVector.fromArray(S, first, firstAt + i).mul(beta1).add(slope.mul(rest1));
            mean.intoArray(first, firstAt + i);
            FloatVector square = FloatVector.fromArray(S, second, secondAt + i)
                    .mul(beta2)
                    .add(slope.mul(slope).mul(rest2));
            square.intoArray(second, secondAt + i);
            FloatVector most = FloatVector.fromArray(S, third, thirdAt + i).max(square);
            most.intoArray(third, thirdAt + i);
            FloatVector move = mean.mul(rate).div(most.mul(correction).sqrt().add(epsilon));
            theta.mul(shrink).sub(move).intoArray(value, valueAt + i);
        }
    }

    private static void lion(UpdateStep.Parameters p, UpdateArrays arrays, int from, int n) {
        float[] value = arrays.value();
        int valueAt = arrays.valueAt() + from;
        float[] gradient = arrays.gradient();
        int gradientAt = arrays.gradientAt() + from;
        float[] first = arrays.first();
        int firstAt = arrays.firstAt() + from;
        FloatVector decay = FloatVector.broadcast(S, (float) p.decay());
        FloatVector shrink = FloatVector.broadcast(S, (float) p.shrink());
        FloatVector rate = FloatVector.broadcast(S, (float) p.rate());
        FloatVector beta1 = FloatVector.broadcast(S, (float) p.beta1());
        FloatVector rest1 = FloatVector.broadcast(S, (float) (1 - p.beta1()));
        FloatVector beta2 = FloatVector.broadcast(S, (float) p.beta2());
        FloatVector rest2 = FloatVector.broadcast(S, (float) (1 - p.beta2()));
        FloatVector zero = FloatVector.zero(S);
        FloatVector one = FloatVector.broadcast(S, 1);
        FloatVector minusOne = FloatVector.broadcast(S, -1);
        for (int i = 0; i < n; i += L) {
            FloatVector theta = FloatVector.fromArray(S, value, valueAt + i);
            FloatVector slope = theta.fma(decay, FloatVector.fromArray(S, gradient, gradientAt + i));
            FloatVector before = FloatVector.fromArray(S, first, firstAt + i);
            FloatVector mixed = before.mul(beta1).add(slope.mul(rest1));
            before.mul(beta2).add(slope.mul(rest2)).intoArray(first, firstAt + i);
            // NaN and 0 stay what they are.
            FloatVector sign = mixed.blend(one, zero.compare(VectorOperators.LT, mixed))
                    .blend(minusOne, mixed.compare(VectorOperators.LT, zero));
            FloatVector move = sign.mul(rate);
            theta.mul(shrink).sub(move).intoArray(value, valueAt + i);
        }
    }

    private static void lambDirection(UpdateStep.Parameters p, UpdateArrays arrays, int from, int n) {
        float[] value = arrays.value();
        int valueAt = arrays.valueAt() + from;
        float[] gradient = arrays.gradient();
        int gradientAt = arrays.gradientAt() + from;
        float[] first = arrays.first();
        int firstAt = arrays.firstAt() + from;
        float[] second = arrays.second();
        int secondAt = arrays.secondAt() + from;
        float[] third = arrays.third();
        int thirdAt = arrays.thirdAt() + from;
        FloatVector decay = FloatVector.broadcast(S, (float) p.decay());
        FloatVector rate = FloatVector.broadcast(S, (float) p.rate());
        FloatVector beta1 = FloatVector.broadcast(S, (float) p.beta1());
        FloatVector rest1 = FloatVector.broadcast(S, (float) (1 - p.beta1()));
        FloatVector beta2 = FloatVector.broadcast(S, (float) p.beta2());
        FloatVector rest2 = FloatVector.broadcast(S, (float) (1 - p.beta2()));
        FloatVector correction = FloatVector.broadcast(S, (float) p.correction());
        FloatVector epsilon = FloatVector.broadcast(S, (float) p.epsilon());
        for (int i = 0; i < n; i += L) {
            FloatVector theta = FloatVector.fromArray(S, value, valueAt + i);
            FloatVector slope = FloatVector.fromArray(S, gradient, gradientAt + i);
            FloatVector mean =
                    FloatVector.fromArray(S, first, firstAt + i).mul(beta1).add(slope.mul(rest1));
            mean.intoArray(first, firstAt + i);
            FloatVector square = FloatVector.fromArray(S, second, secondAt + i)
                    .mul(beta2)
                    .add(slope.mul(slope).mul(rest2));
            square.intoArray(second, secondAt + i);
            FloatVector direction =
                    mean.mul(rate).div(square.mul(correction).sqrt().add(epsilon));
            theta.mul(decay).add(direction).intoArray(third, thirdAt + i);
        }
    }

    private static void average(UpdateStep.Parameters p, UpdateArrays arrays, int from, int n) {
        float[] value = arrays.value();
        int valueAt = arrays.valueAt() + from;
        float[] first = arrays.first();
        int firstAt = arrays.firstAt() + from;
        if (p.rate() == 1) {
            System.arraycopy(value, valueAt, first, firstAt, n);
            return;
        }
        FloatVector rate = FloatVector.broadcast(S, (float) p.rate());
        FloatVector kept = FloatVector.broadcast(S, (float) p.correction());
        for (int i = 0; i < n; i += L) {
            FloatVector theta = FloatVector.fromArray(S, value, valueAt + i);
            FloatVector mean = FloatVector.fromArray(S, first, firstAt + i);
            mean.mul(kept).add(theta.mul(rate)).intoArray(first, firstAt + i);
        }
    }

    private static void lookahead(UpdateStep.Parameters p, UpdateArrays arrays, int from, int n) {
        float[] value = arrays.value();
        int valueAt = arrays.valueAt() + from;
        float[] first = arrays.first();
        int firstAt = arrays.firstAt() + from;
        if (p.rate() == 1) {
            System.arraycopy(value, valueAt, first, firstAt, n);
            return;
        }
        if (p.rate() == 0) { // 0 times what is not finite is not 0
            System.arraycopy(first, firstAt, value, valueAt, n);
            return;
        }
        FloatVector rate = FloatVector.broadcast(S, (float) p.rate());
        for (int i = 0; i < n; i += L) {
            FloatVector theta = FloatVector.fromArray(S, value, valueAt + i);
            FloatVector slow = FloatVector.fromArray(S, first, firstAt + i);
            FloatVector next = slow.add(theta.sub(slow).mul(rate));
            next.intoArray(first, firstAt + i);
            next.intoArray(value, valueAt + i);
        }
    }
}
