package org.alborz.nn;

/** Takes the names of a module's parameters and parts. */
public interface Structure {
    /** Names a parameter or a state, such as {@code weight}. */
    void parameter(String name, Parameter parameter);

    /** Names a part, such as {@code conv1}; its parameters' names start with this name and a dot. */
    void module(String name, Module module);
}
