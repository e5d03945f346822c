package org.alborz.nn;

import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alborz.ops.LayerPaths;

/** The modules of a net by their paths, each by the first of those that it has, and the module that each parameter belongs to. */
final class PartNames implements LayerPaths.Names {
    private final Map<String, Module> modules = new LinkedHashMap<>();
    private final Map<Object, String> paths = new IdentityHashMap<>();

    PartNames(Module net) {
        add(net, "");
    }

    private void add(Module module, String path) {
        modules.put(path, module);
        paths.putIfAbsent(module, path);
        module.describe(new Structure() {
            @Override
            public void parameter(String name, Parameter parameter) {
                paths.putIfAbsent(parameter, path);
            }

            @Override
            public void module(String name, Module part) {
                add(part, path.isEmpty() ? name : path + "." + name);
            }
        });
    }

    @Override
    public String of(Object part) {
        return paths.get(part);
    }

    /** Returns the modules in the order of description, the net itself first, by an empty path. */
    Map<String, Module> modules() {
        return modules;
    }
}
