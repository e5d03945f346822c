package org.alborz.nn;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.ops.Applied;
import org.alborz.ops.OperationListener;
import org.alborz.type.Shape;

/** Adds up by layer what a pass applies. */
final class SummaryListener implements OperationListener {
    private final PartNames names;
    private final Map<String, Cost> costs = new HashMap<>();
    private final Map<Module, Shape> outputs = new IdentityHashMap<>();

    /** What the operations of a layer make. */
    private static final class Cost {
        private Shape output;
        private long bytes;
        private long multiplyAdds;
    }

    SummaryListener(PartNames names) {
        this.names = names;
    }

    /** Has a pass tell the shapes that parts give. */
    void hook(Pass pass) {
        names.modules()
                .values()
                .forEach(module -> pass.hook(module, y -> {
                    outputs.put(module, y.shape());
                    return y;
                }));
    }

    @Override
    public void applied(Applied operation) {
        String layer = operation.layer();
        if (layer == null) {
            return; // an input is made
        }
        Cost cost = costs.computeIfAbsent(layer, path -> new Cost());
        cost.multiplyAdds += operation.multiplyAdds();
        cost.bytes += operation.madeBytes();
        cost.output = operation.results().get(0).shape();
    }

    List<ModelSummary.Row> rows() {
        List<ModelSummary.Row> rows = new ArrayList<>();
        Map<Parameter, Boolean> counted = new IdentityHashMap<>();
        names.modules().forEach((path, module) -> {
            long[] own = new long[3];
            boolean[] hasParts = new boolean[1];
            module.describe(new Structure() {
                @Override
                public void parameter(String name, Parameter parameter) {
                    if (counted.put(parameter, true) == null) {
                        long elements = parameter.shape().elements();
                        own[0] += parameter.isTrainable() ? elements : 0;
                        own[1] += parameter.isTrainable() && parameter.isFrozen() ? elements : 0;
                        own[2] += parameter.isTrainable() ? 0 : elements;
                    }
                }

                @Override
                public void module(String name, Module part) {
                    hasParts[0] = true;
                }
            });
            boolean isFirst = names.of(module).equals(path); // a module that is shared has several paths
            Cost cost = isFirst ? costs.getOrDefault(path, new Cost()) : new Cost();
            Shape output = outputs.getOrDefault(module, cost.output);
            if (!hasParts[0] || cost.output != null || own[0] + own[2] > 0) {
                rows.add(new ModelSummary.Row(
                        path,
                        ModelSummary.type(module),
                        output,
                        own[0],
                        own[1],
                        own[2],
                        cost.bytes,
                        cost.multiplyAdds));
            }
        });
        return rows;
    }
}
