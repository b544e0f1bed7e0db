"""The report, rendered for people and programs; nothing here touches the disk."""
