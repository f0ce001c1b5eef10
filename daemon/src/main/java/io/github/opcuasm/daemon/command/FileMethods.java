package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.service.FileService;

/** The methods of files and directories. */
final class FileMethods {
    FileMethods(FileService service) {}

    void addTo(MethodTable.Rows rows) {}
}
