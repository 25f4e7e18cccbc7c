// What nobody chose stays out of the address of a filtered list, so that one sent to a colleague says what it shows.
export default function filters() {
  document.addEventListener("formdata", ({ target, formData }) => {
    if (!target.matches("[role=search]")) return;
    for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
  });
}
