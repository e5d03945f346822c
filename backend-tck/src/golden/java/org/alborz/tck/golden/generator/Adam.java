package org.alborz.tck.golden.generator;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code torch.optim.Adam}, and {@code torch.optim.AdamW} where the weight decay is decoupled. */
final class Adam implements Optimizer {
    private final Settings settings;
    private NDArray firstMoment;
    private NDArray secondMoment;
    private int steps;

    /** PyTorch's hyper-parameters. */
    record Settings(
            double learningRate, double beta1, double beta2, double epsilon, double weightDecay, boolean decoupled)
            implements Optimizer.Settings {
        @Override
        public Optimizer create() {
            return new Adam(this);
        }

        @Override
        public String torchName() {
            return decoupled ? "AdamW" : "Adam";
        }

        @Override
        public Map<String, Object> parameters() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("lr", learningRate);
            map.put("beta1", beta1);
            map.put("beta2", beta2);
            map.put("eps", epsilon);
            map.put("weight_decay", weightDecay);
            return map;
        }
    }

    private Adam(Settings settings) {
        this.settings = settings;
    }

    @Override
    public NDArray step(NDArray value, NDArray gradient) {
        steps++;
        NDArray theta = settings.decoupled ? value.mul(1 - settings.learningRate * settings.weightDecay) : value;
        boolean decayInGradient = !settings.decoupled && settings.weightDecay != 0;
        NDArray g = decayInGradient ? gradient.add(value.mul(settings.weightDecay)) : gradient;
        firstMoment = average(firstMoment, g, settings.beta1);
        secondMoment = average(secondMoment, g.square(), settings.beta2);
        NDArray mean = firstMoment.div(1 - Math.pow(settings.beta1, steps));
        NDArray variance = secondMoment.div(1 - Math.pow(settings.beta2, steps));
        return theta.sub(mean.mul(settings.learningRate).div(variance.sqrt().add(settings.epsilon)));
    }

    private static NDArray average(NDArray moment, NDArray sample, double beta) {
        NDArray fresh = sample.mul(1 - beta);
        return moment == null ? fresh : moment.mul(beta).add(fresh);
    }
}
