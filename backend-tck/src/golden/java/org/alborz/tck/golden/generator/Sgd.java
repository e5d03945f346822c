package org.alborz.tck.golden.generator;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code torch.optim.SGD}, without dampening. */
final class Sgd implements Optimizer {
    private final Settings settings;
    private NDArray velocity;

    /** PyTorch's hyper-parameters. */
    record Settings(double learningRate, double momentum, boolean nesterov, double weightDecay)
            implements Optimizer.Settings {
        @Override
        public Optimizer create() {
            return new Sgd(this);
        }

        @Override
        public String torchName() {
            return "SGD";
        }

        @Override
        public Map<String, Object> parameters() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("lr", learningRate);
            map.put("momentum", momentum);
            map.put("nesterov", nesterov);
            map.put("weight_decay", weightDecay);
            return map;
        }
    }

    private Sgd(Settings settings) {
        this.settings = settings;
    }

    @Override
    public NDArray step(NDArray value, NDArray gradient) {
        NDArray g = settings.weightDecay == 0 ? gradient : gradient.add(value.mul(settings.weightDecay));
        if (settings.momentum != 0) {
            velocity = velocity == null ? g : velocity.mul(settings.momentum).add(g);
            g = settings.nesterov ? g.add(velocity.mul(settings.momentum)) : velocity;
        }
        return value.sub(g.mul(settings.learningRate));
    }
}
